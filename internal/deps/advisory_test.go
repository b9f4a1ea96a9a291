package deps

import "testing"

func TestAdvisories(t *testing.T) {
	all, err := LoadAdvisories()
	if err != nil || len(all.Advisories) < 200 || all.DataAsOf == "" {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range all.Advisories {
		a := &all.Advisories[i]
		key := a.ID + " " + a.Package
		if seen[key] || a.Summary == "" || a.Package != Normalise(a.Package) || len(a.Ranges) == 0 {
			t.Errorf("%s: not sound", key)
		}
		seen[key] = true
		for _, r := range a.Ranges {
			for _, v := range []string{r.Introduced, r.Fixed, r.Last} {
				if _, ok := Compare(v, "1"); v != "" && !ok {
					t.Errorf("%s: %q is no version", key, v)
				}
			}
		}
	}
}

func TestAffects(t *testing.T) {
	a := Advisory{Ranges: []Range{{Introduced: "2.0", Fixed: "2.2.5"}, {Introduced: "3.0", Last: "3.1"}}}
	for v, want := range map[string]bool{"1.9": false, "2.0": true, "2.2.4": true, "2.2.5": false, "3.0.1": true, "3.1": true, "3.1.1": false, "junk": false} {
		if _, got := a.Affects(v); got != want {
			t.Error(v)
		}
	}
}
