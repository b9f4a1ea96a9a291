package deps

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"stopper/internal/vfs"
)

func readOSV(t testing.TB, files map[string]string) *Records {
	t.Helper()
	m := vfs.Map{}
	for name, text := range files {
		m[name] = text
	}
	r, err := ReadOSV(m, func(name string) bool { return name == "shop-kit" })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// kit is a record about the package shop-kit.
func kit(id, more, affected string) string {
	return fmt.Sprintf(`{"id": %q, "modified": "2026-11-02T10:00:00Z", "summary": "Baskets of others can be read", %s
		"affected": [{"package": {"ecosystem": "PyPI", "name": "Shop_Kit"}, %s}]}`, id, more, affected)
}

func events(list string) string {
	return `"ranges": [{"type": "ECOSYSTEM", "events": [` + list + `]}]`
}

func TestOSVVersions(t *testing.T) {
	cases := []struct {
		affected string
		hit      string // versions that are concerned, with "→" the version that mends
		miss     string
	}{
		{events(`{"introduced": "0"}, {"fixed": "1.4.2"}`), "0.1→1.4.2 1.4.1→1.4.2 1.4.2rc1→1.4.2", "1.4.2 2.0"},
		{events(`{"fixed": "1.4.2"}, {"introduced": "2.0"}, {"introduced": "0"}, {"fixed": "2.0.9"}`), "1.0→1.4.2 2.0→2.0.9 2.0.8→2.0.9", "1.4.2 1.9 2.0.9"},
		{events(`{"introduced": "1.0"}, {"last_affected": "1.9"}`), "1.0 1.9", "0.9 1.9.1"},
		{events(`{"introduced": "1.0"}, {"limit": "1.9"}`), "1.0 1.8", "0.9 1.9"},
		{events(`{"introduced": "3"}`), "3.0 99", "2.9"},
		{events(`{"introduced": "0"}, {"fixed": "1.1"}, {"introduced": "1.1"}, {"fixed": "1.2"}`), "1.0→1.1 1.1→1.2", "1.2"},
		{`"versions": ["1.0", "1.0.1", "odd-1"]`, "1.0 1.0.0 1.0.1 odd-1", "1.1 odd-2"},
		{`"ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}]`, "1.0→2.0.0", "2.0"},
		{`"ranges": [{"type": "GIT", "repo": "x", "events": [{"introduced": "0"}]}], "versions": ["7.0"]`, "7.0", "6.0"},
		{events(`{"introduced": "0"}, {"fixed": "no version"}`), "1.0", ""},
	}
	for _, c := range cases {
		r := readOSV(t, map[string]string{"a.json": kit("X-1", "", c.affected)})
		if len(r.Advisories) != 1 {
			t.Errorf("%s: %+v", c.affected, r)
			continue
		}
		a := &r.Advisories[0]
		for _, v := range strings.Fields(c.hit) {
			v, want, _ := strings.Cut(v, "→")
			if fixed, ok := a.Affects(v); !ok || fixed != want {
				t.Errorf("%s: %s is %v, mended by %q", c.affected, v, ok, fixed)
			}
		}
		for _, v := range strings.Fields(c.miss) {
			if _, ok := a.Affects(v); ok {
				t.Errorf("%s: %s is not concerned", c.affected, v)
			}
		}
	}
}

func TestOSVRating(t *testing.T) {
	cases := map[string]string{
		`"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],`:                                          "CRITICAL", // 9.8
		`"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"}],`:                                          "MEDIUM",   // 6.1
		`"severity": [{"type": "CVSS_V3", "score": "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],`:                                          "HIGH",     // 7.5
		`"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}],`:                                          "LOW",      // 1.8
		`"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}],`:                                                                         "",
		`"severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}],`:                       "",
		`"severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H"}], "database_specific": {"severity": "MODERATE"},`: "MEDIUM",
		`"database_specific": {"severity": ["HIGH"]},`:                                                                                         "",
		`"database_specific": "HIGH",`: "",
		`"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H"}], "database_specific": {"severity": "CRITICAL"},`: "CRITICAL",
	}
	for more, want := range cases {
		r := readOSV(t, map[string]string{"a.json": kit("X-1", more, `"versions": ["1"]`)})
		if len(r.Advisories) != 1 || r.Advisories[0].Severity != want {
			t.Errorf("%s: %+v", more, r)
		}
	}
	if got := score3("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H"); got != 9.9 {
		t.Error(got)
	}
}

// What is not about a wanted package, not for PyPI or taken back gives no advisory, and no complaint.
func TestOSVLeavesOut(t *testing.T) {
	r := readOSV(t, map[string]string{
		"npm/a.json":       strings.Replace(kit("N-1", "", `"versions": ["1"]`), "PyPI", "npm", 1),
		"PyPI/other.json":  strings.Replace(kit("N-2", "", `"versions": ["1"]`), "Shop_Kit", "shop", 1),
		"PyPI/gone.json":   kit("N-3", `"withdrawn": "2026-01-01T00:00:00Z",`, `"versions": ["1"]`),
		"PyPI/empty.json":  kit("N-4", "", `"versions": []`),
		".git/config.json": "{",
		"README.md":        "{",
	})
	if len(r.Advisories) != 0 || len(r.Problems) != 0 || r.Read != 4 || r.Newest != "2026-11-02" || !slices.Equal(r.Withdrawn, []string{"N-3"}) {
		t.Errorf("%+v", r)
	}
}

func TestOSVHostile(t *testing.T) {
	deep := strings.Repeat("[", 1_000_000)
	folders := strings.Repeat("d/", maxFolders+2)
	many := `{"introduced": "0"}` + strings.Repeat(`, {"introduced": "1"}, {"fixed": "2"}`, maxEvents)
	r := readOSV(t, map[string]string{
		"a-deep.json":          kit("H-1", `"database_specific": `+deep+`,`, `"versions": ["1"]`),
		"b-types.json":         `{"id": 7, "affected": "all", "note": "PyPI"}`,
		"c-list.json":          `["PyPI"]`,
		"d-nothing.json":       ``,
		"e-settings.json":      `{"name": "PyPI"}`,
		"f-huge.json":          kit("H-2", "", `"versions": ["`+strings.Repeat("1", maxRecord)+`"]`),
		"g-many.json":          kit("H-3", "", events(many)),
		folders + "z.json":     kit("H-4", "", `"versions": ["1"]`),
		"h-long-id.json":       kit(strings.Repeat("H", 1000), "", `"versions": ["1"]`),
		"i-control.json":       kit("H-5", "", `"versions": ["1"], "x": "\u001b[31m"`),
		"j-version.json":       kit("H-6", "", `"versions": ["`+strings.Repeat("9.", 50_000)+`"]`),
		"k-terminal-text.json": strings.Replace(kit("H-7", "", `"versions": ["1"]`), "Baskets", `\u001b[2J\nBaskets\u0000`+strings.Repeat("x", 5_000), 1),
	})
	var bad []string
	for _, p := range r.Problems {
		bad = append(bad, p.Path[:1])
	}
	if got := strings.Join(bad, ""); got != "abcddefgh" {
		t.Errorf("%s: %+v", got, r.Problems)
	}
	if len(r.Advisories) != 3 {
		t.Error(len(r.Advisories))
	}
	for _, a := range r.Advisories {
		if strings.ContainsAny(a.Summary, "\x1b\n\x00") || len(a.Summary) > 2*maxWords {
			t.Errorf("%q", a.Summary)
		}
		a.Affects("1.0")
	}
	if _, err := ReadOSV(vfs.Map{"a.txt": ""}, nil); !errors.Is(err, ErrNoRecords) {
		t.Error(err)
	}
}

func TestJoin(t *testing.T) {
	all := &Advisories{Advisories: []Advisory{
		{ID: "CVE-1", Package: "shop-kit", Ranges: []Range{{Fixed: "1.5"}}, Severity: "LOW", Summary: "Ours", AppliesIf: []string{"uses:shop_kit.pay"}},
		{ID: "G-3", Package: "shop-kit", Ranges: []Range{{Fixed: "1.5"}}},
		{ID: "CVE-1", Package: "other", Ranges: []Range{{Fixed: "1.5"}}},
	}}
	all.Join(readOSV(t, map[string]string{
		"1.json": kit("G-1", `"aliases": ["CVE-1"], "database_specific": {"severity": "HIGH"},`, events(`{"introduced": "1.2"}, {"fixed": "1.5.1"}`)),
		"2.json": kit("P-1", `"aliases": ["CVE-1", "G-1"],`, events(`{"introduced": "1.0"}, {"fixed": "1.5.1"}`)),
		"3.json": kit("P-2", `"aliases": ["CVE-2"],`, `"versions": ["9"]`),
		"4.json": kit("G-2", `"aliases": ["CVE-2"],`, `"versions": ["8"]`),
		"5.json": kit("G-3", `"withdrawn": "2026-01-01T00:00:00Z",`, `"versions": ["9"]`),
	}))
	var got []string
	for _, a := range all.Advisories {
		got = append(got, a.Package+" "+a.ID+" "+a.Severity)
	}
	if strings.Join(got, "; ") != "shop-kit CVE-1 HIGH; other CVE-1 ; shop-kit P-2 " {
		t.Fatal(got)
	}
	a, b := &all.Advisories[0], &all.Advisories[2]
	for v, want := range map[string]string{"0.9": "", "1.0": "1.5.1", "1.5": "1.5.1", "1.5.1": ""} {
		if fixed, hit := a.Affects(v); fixed != want || hit != (want != "") {
			t.Errorf("%s: %s %v", v, fixed, hit)
		}
	}
	if a.Summary != "Ours" || len(a.Uses()) != 1 || !slices.Equal(a.Aliases, []string{"G-1", "P-1"}) && !slices.Equal(a.Aliases, []string{"G-1", "CVE-1", "P-1"}) {
		t.Errorf("%+v", a)
	}
	if _, hit := b.Affects("8"); !hit || all.Own != 5 || all.Newest != "2026-11-02" {
		t.Errorf("%+v %+v", b, all)
	}
}

func FuzzOSV(f *testing.F) {
	f.Add(kit("X-1", `"aliases": ["A"],`, events(`{"introduced": "0"}, {"fixed": "1.4.2"}`)))
	f.Add(`{"id": "PyPI", "affected": [{}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		r := readOSV(t, map[string]string{"a.json": text})
		for i := range r.Advisories {
			r.Advisories[i].Affects("1.0")
		}
		(&Advisories{}).Join(r)
	})
}
