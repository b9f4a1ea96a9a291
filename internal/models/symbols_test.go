package models

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const symbolsDir = "../../models/symbols"

// symbolTable holds "owner.name" of every name that the listed libraries have, and the roots that are listed.
type symbolTable struct {
	names, roots, allowed map[string]bool
	used                  map[string]bool
}

func readSymbols(t *testing.T) *symbolTable {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(symbolsDir, "*-*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no symbol lists: %v", err)
	}
	s := &symbolTable{names: map[string]bool{}, roots: map[string]bool{}, allowed: map[string]bool{}, used: map[string]bool{}}
	for _, f := range files {
		root, _, _ := strings.Cut(filepath.Base(f), "-")
		s.roots[root] = true
		for line := range strings.Lines(readText(t, f)) {
			owner, names, _ := strings.Cut(line, ":")
			s.names[owner] = true
			for _, n := range strings.Fields(names) {
				s.names[owner+"."+n] = true
			}
		}
	}
	for line := range strings.Lines(readText(t, filepath.Join(symbolsDir, "exceptions.txt"))) {
		path, _, _ := strings.Cut(line, "#")
		if path = strings.TrimSpace(path); path != "" {
			s.allowed[path] = true
		}
	}
	return s
}

func readText(t *testing.T, name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(data))
}

// has reports whether the path exists under its own name or under one that an alias row leads here from.
func (s *symbolTable) has(path string, aliases map[string]string) bool {
	if s.names[path] {
		return true
	}
	for from, to := range aliases {
		if (path == to || strings.HasPrefix(path, to+".")) && s.names[from+path[len(to):]] {
			return true
		}
	}
	return false
}

// excused reports whether the path or one it lies below is among the exceptions.
func (s *symbolTable) excused(path string) bool {
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '.') {
		if s.allowed[path[:end]] {
			s.used[path[:end]] = true
			return true
		}
	}
	return false
}

// TestThirdPartyNames compares the rows with what the libraries really have.
func TestThirdPartyNames(t *testing.T) {
	set, err := Load(os.DirFS("../../models"))
	if err != nil {
		t.Fatal(err)
	}
	s := readSymbols(t)
	for e := range set.Entries() {
		root, _, _ := strings.Cut(e.Path, ".")
		if s.roots[root] && !s.has(e.Path, set.aliases) && !s.excused(e.Path) {
			t.Errorf("%s is not in the library; correct the row, or say why in exceptions.txt", e.Path)
		}
	}
	for path := range s.allowed {
		if !s.used[path] {
			t.Errorf("exceptions.txt: %s excuses nothing", path)
		}
	}
}
