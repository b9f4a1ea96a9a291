package html

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"stopper/internal/finding"
	"stopper/internal/report/result"
	"stopper/internal/report/sample"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, r *result.Result, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for name, r := range map[string]*result.Result{"shop": sample.Suppressed(), "empty": {}} {
		got, file := render(t, r, Options{}), filepath.Join("testdata", name+".html")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs (run with -update and read the diff)", file)
		}
		if strings.Contains(got, "horse") {
			t.Error("a secret is shown")
		}
	}
}

// ours are all the tags that the page may hold. Attributes are words and numbers of ours.
var ours = regexp.MustCompile(`^<(?:!DOCTYPE html|/?(?:html|head|body|title|style|h1|h2|h3|p|b|div|span|pre|mark|ol|ul|li|code|dl|dt|dd|table|tr|th|td|article|main|fieldset|legend|label|details|summary|a)` +
	`|html lang="en"|meta [^<>]*|(?:p|div|span|b|ol|fieldset|tr|td|article) class="[a-z -]+"(?: id="f\d+")?|a href="#f\d+"|input type="checkbox" id="[sc]-[a-z]+" checked)>`)

func TestNothingOfTheTreeBecomesMarkup(t *testing.T) {
	for name, r := range map[string]*result.Result{"hostile": sample.Hostile(), "shop": sample.Suppressed()} {
		var routes bytes.Buffer
		if err := WriteRoutes(&routes, r); err != nil {
			t.Fatal(err)
		}
		out := render(t, r, Options{}) + routes.String()
		if !utf8.ValidString(out) || strings.ContainsFunc(out, result.Hostile) {
			t.Errorf("%s: control characters reach the page", name)
		}
		for i := range len(out) {
			if out[i] == '<' && !ours.MatchString(out[i:]) {
				t.Fatalf("%s: not our tag: %.120s", name, out[i:])
			}
		}
		if strings.Contains(out, "javascript:") && regexp.MustCompile(`(?:href|src)="[^#]`).MatchString(out) {
			t.Errorf("%s: a link of the tree", name)
		}
	}
}

func TestPageNeedsNothingElse(t *testing.T) {
	out := render(t, sample.Shop(), Options{})
	sum := sha256.Sum256([]byte(out[strings.Index(out, "<style>")+7 : strings.Index(out, "</style>")]))
	if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(out, want) {
		t.Errorf("the policy does not allow the page's own style: want %s", want)
	}
	for _, s := range []string{"<script", "<link", "<img", "<iframe", " src=", " href=\"http"} {
		if strings.Contains(out, s) {
			t.Errorf("the page holds %q", s)
		}
	}
	for _, s := range []string{"url(", "@import", "//"} {
		if strings.Contains(style, s) {
			t.Errorf("the style sheet holds %q", s)
		}
	}
}

func TestMinConfidence(t *testing.T) {
	all, sure := render(t, sample.Shop(), Options{}), render(t, sample.Shop(), Options{MinConfidence: finding.ConfidenceMedium})
	if !strings.Contains(all, "open-redirect") || strings.Contains(sure, "open-redirect") || !strings.Contains(sure, "(1 more at low confidence: --min-confidence low)") {
		t.Error("min confidence is not obeyed")
	}
}
