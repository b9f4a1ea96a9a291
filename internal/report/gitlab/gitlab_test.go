package gitlab

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stopper/internal/report/result"
	"stopper/internal/report/sample"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, r *result.Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	got, file := render(t, sample.Suppressed()), filepath.Join("testdata", "shop.json")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (run with -update and read the diff)", file)
	}
}

// What GitLab demands of a report: an array whose issues have all five members, distinct fingerprints, a known severity
// and a place.
func TestContract(t *testing.T) {
	for name, r := range map[string]*result.Result{"shop": sample.Shop(), "hostile": sample.Hostile(), "empty": {}} {
		out := render(t, r)
		var issues []issue
		if err := json.Unmarshal(out, &issues); err != nil || issues == nil {
			t.Fatalf("%s: %v", name, err)
		}
		if bytes.ContainsFunc(out, result.Hostile) {
			t.Errorf("%s: control characters are not escaped", name)
		}
		seen := map[string]bool{}
		for _, x := range issues {
			if x.Description == "" || x.CheckName == "" || x.Fingerprint == "" || seen[x.Fingerprint] || x.Location.Path == "" || x.Location.Lines.Begin < 1 ||
				!slices.Contains([]string{"blocker", "critical", "major", "minor", "info"}, x.Severity) {
				t.Errorf("%s: %+v", name, x)
			}
			seen[x.Fingerprint] = true
		}
	}
}

func TestPathsAreThoseOfTheRepository(t *testing.T) {
	r := sample.Shop()
	for root, want := range map[string]string{"examples/shop": "examples/shop/shop/db.py", ".": "shop/db.py", "./examples": "examples/shop/db.py", "/somewhere": "shop/db.py", "../other": "shop/db.py"} {
		r.Root = root
		if out := string(render(t, r)); !strings.Contains(out, `"path": "`+want+`"`) {
			t.Errorf("%s: no path %s", root, want)
		}
	}
}
