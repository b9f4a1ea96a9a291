package htmlctx

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestOracle puts a marker into generated pages and demands that html5lib, which parses as browsers do, finds it where we
// say it is: in text, in a script or style, in a comment, in a name, or in the value of the same attribute.
func TestOracle(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	const mark = "qx7"
	var pages, ours []string
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for range 4000 {
		before, after := fragment(r), fragment(r)
		if r.Intn(2) == 0 { // in the middle of a tag
			before += opened[r.Intn(len(opened))]
			after = closed[r.Intn(len(closed))] + after
		}
		p, _ := Start().Text(before).Hole()
		page := before + mark + after
		pages, ours = append(pages, page), append(ours, coarse(p))
		if err := enc.Encode(page); err != nil {
			t.Fatal(err)
		}
	}
	answers := ask(t, &in)
	compared, wrong := 0, 0
	for i, theirs := range answers {
		if theirs == "" || i >= len(ours) || strings.HasSuffix(pages[i], mark) {
			continue // in an end tag, a declaration, or a tag that never ends
		}
		compared++
		if theirs != ours[i] {
			if wrong++; wrong <= 15 {
				t.Errorf("%q: html5lib %q, we %q", pages[i], theirs, ours[i])
			}
		}
	}
	t.Logf("%d of %d pages compared, %d differ", compared, len(pages), wrong)
}

func ask(t *testing.T, in *bytes.Buffer) []string {
	t.Helper()
	if out, err := exec.Command("sh", "../jinja/testdata/oracle/setup.sh").CombinedOutput(); err != nil {
		t.Fatalf("installing html5lib: %v\n%s", err, out)
	}
	cmd := exec.Command("../jinja/testdata/oracle/.venv-oracle/bin/python", "../jinja/testdata/oracle/places.py")
	cmd.Stdin, cmd.Stderr = in, os.Stderr
	raw, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []string
	dec := json.NewDecoder(bytes.NewReader(raw))
	for dec.More() {
		var s string
		if err := dec.Decode(&s); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, s)
	}
	return answers
}

// coarse is a place in the words of the oracle, which knows nothing of scripts and URLs.
func coarse(p Place) string {
	switch {
	case p.Attr != "":
		return fmt.Sprintf("attr %s %s", p.Tag, p.Attr)
	case p.Kind == TagName, p.Kind == AttrName, p.Kind == Comment:
		return p.Kind.String()
	case p.Tag != "":
		return "text " + p.Tag
	}
	return "text"
}

var (
	opened = []string{"<", "<p ", "<p title=", "<p title='", "<p title=\"x ", "<a b href=", "<a href = '", "<p a='1'", "<p a=1/", "<p a", "<p a =", "<P TITLE='", "</", "<i\n", "<p a=b c='d' e=\"", "<input value=x", "<p '", "<p =", "<script src='", "<p a=\"'"}
	closed = []string{">", "'>", "\">", " x>", "' x=y>", "\" x='z'>", "/>", "=1>", " = '2'>", "'\">"}
)

// fragment is a piece of a page, whole or cut somewhere.
func fragment(r *rand.Rand) string {
	pick := func(list ...string) string { return list[r.Intn(len(list))] }
	var b strings.Builder
	for range r.Intn(5) {
		b.WriteString(pick("text ", "<p>", "<p class=a>", "<b title='x y'>", "<a href=\"/x\" id=q>", "</p>", "</b>", "<br/>", "<i a b=c d>", "<!-- c -->", "<!-- c", "-->",
			"<script>var a = '<b>';</script>", "<style>p { }</style>", "<textarea><b></textarea>", "<title>t</title>", "<p a='1'b=2>", "<p a = \"x\">", "< p", "<3", "&lt;", "<!x>", "<div\n x\n=\ny>", "<a/b>",
			"<script>", "<style>", "<textarea>", "</script>", "</style>", "</textarea>", "<script type=module>if (a < b) { }", "</scrip", "</ script>", "<span", " x", "='", "=\"", "=", "'", "\"", ">", "/>", "<p title="))
	}
	return b.String()
}
