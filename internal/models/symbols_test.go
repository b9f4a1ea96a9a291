package models

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const symbolsDir = "../../models/symbols"

// symbolTable holds "owner.name" of every name that the listed libraries have, and the roots that are listed.
type symbolTable struct {
	names, roots, allowed map[string]bool
	used                  map[string]bool
	params                map[string][]string // of what some row calls: "first", "=by_keyword", "*", "**"
}

func readSymbols(t *testing.T) *symbolTable {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(symbolsDir, "*-*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no symbol lists: %v", err)
	}
	s := &symbolTable{names: map[string]bool{}, roots: map[string]bool{}, allowed: map[string]bool{}, used: map[string]bool{}, params: map[string][]string{}}
	for _, f := range files {
		if root, _, _ := strings.Cut(filepath.Base(f), "-"); root != "python" {
			s.roots[root] = true
		}
		for line := range strings.Lines(readText(t, f)) {
			owner, names, _ := strings.Cut(line, ":")
			s.names[owner] = true
			for _, n := range strings.Fields(names) {
				n, taken, known := strings.Cut(n, "(")
				s.names[owner+"."+n] = true
				if known {
					s.params[owner+"."+n] = strings.Split(strings.TrimSuffix(taken, ")"), ",")
				}
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

// paramsOf are the parameters of a path, under its own name or one that an alias row leads here from.
func (s *symbolTable) paramsOf(path string, aliases map[string]string) ([]string, bool) {
	if p, ok := s.params[path]; ok {
		return p, true
	}
	for from, to := range aliases {
		if path == to || strings.HasPrefix(path, to+".") {
			if p, ok := s.params[from+path[len(to):]]; ok {
				return p, true
			}
		}
	}
	return nil, false
}

// misfit says what is wrong with a selector for a call with these parameters, "" when nothing is.
func misfit(pos int, name string, params []string) string {
	var positional []string
	for _, p := range params {
		if p != "" && p[0] != '=' && p[0] != '*' {
			positional = append(positional, p)
		}
	}
	switch {
	case pos >= len(positional) && !slices.Contains(params, "*"):
		return "there is no such position"
	case name == "" || slices.Contains(params, "**"):
	case pos >= 0 && pos < len(positional) && positional[pos] != name:
		return "the name there is " + positional[pos]
	case !slices.Contains(positional, name) && !slices.Contains(params, "="+name):
		return "there is no such name"
	}
	return ""
}

// selectors are the arguments that the rows about an entry speak of.
func selectors(e *Entry) []ArgSel {
	var out []ArgSel
	conds := func(list []Cond) {
		for _, c := range list {
			out = append(out, ArgSel{Pos: c.Pos, Name: c.Arg})
		}
	}
	for _, s := range e.Sinks {
		out = append(out, s.Arg)
		conds(s.Conds)
	}
	for _, s := range e.Sanitizers {
		out = append(out, s.From)
		conds(s.Conds)
	}
	for _, g := range e.Guards {
		out = append(out, g.Arg)
	}
	for _, f := range e.Flows {
		out = append(out, f.From, f.To)
	}
	for _, c := range e.Checks {
		out = append(out, c.Pattern, c.Inner, c.Each, c.Keys, c.Values, c.Makes, c.Schema)
		conds(c.Conds)
	}
	if e.Loading != nil {
		out = append(out, e.Loading.Schema, e.Loading.From)
	}
	if s := e.Store; s != nil {
		out = append(out, s.Key, s.Field, s.Value, s.Mapping)
	}
	if e.Injects != nil {
		out = append(out, e.Injects.Schema)
		conds([]Cond{e.Injects.AsNames})
	}
	for _, c := range e.Callbacks {
		out = append(append(out, c.Func, c.Spread, c.Kwargs), c.Args...)
	}
	return out
}

// TestArguments compares positions and keywords with what the libraries really take.
func TestArguments(t *testing.T) {
	set, err := Load(os.DirFS("../../models"))
	if err != nil {
		t.Fatal(err)
	}
	s := readSymbols(t)
	compared := 0
	for e := range set.Entries() {
		params, ok := s.paramsOf(e.Path, set.aliases)
		if !ok {
			continue
		}
		for _, sel := range selectors(e) {
			wrong := misfit(sel.Pos, sel.Name, params)
			if compared++; wrong == "" || sel.Any || sel.Self {
				continue
			}
			place := fmt.Sprintf("%s(%d|%s)", e.Path, sel.Pos, sel.Name)
			if s.allowed[place] {
				s.used[place] = true
				continue
			}
			t.Errorf("%s: %s; it takes (%s)", place, wrong, strings.Join(params, ", "))
		}
	}
	if compared < 900 {
		t.Errorf("only %d arguments could be compared", compared)
	}
	for place := range s.allowed {
		if strings.HasSuffix(place, ")") && !s.used[place] {
			t.Errorf("exceptions.txt: %s excuses nothing", place)
		}
	}
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
		if !s.used[path] && !strings.HasSuffix(path, ")") {
			t.Errorf("exceptions.txt: %s excuses nothing", path)
		}
	}
}
