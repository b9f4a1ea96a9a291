package flow_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
	modeldata "stopper/models"
)

// rowHelpers are what the archives look at library rows with: t() is the request's, see() shows what a value may still do.
const rowHelpers = `doc = "https://example.org/"
sources = [ { call = "flowtest.t", name = "t()" } ]
clean = ["flowtest.t", "flowtest.see"]
sinks = [ { call = "flowtest.see", arg = "0", kind = [%s] } ]
`

// TestRows: for every file of models/python there is an archive in testdata/rows that notices when any of its rows is missing:
// every path that a row stands for, its condition, and every kind or origin that it lists.
//
// A line of an archive says behind "#:" what the engine sees there: the kind of a sink that t() reaches, "event" for each call that
// the framework model is told of, and for see() either "+" (any harm), "-html" (any but html) or "=html" (html alone). "?" behind
// it stands for a way through something unknown, "stored:" before it for words that are not the request's. The comment of an
// archive names further files of rows behind "with:", and behind "unseen:" a row that flow itself has no use for, with the reason.
func TestRows(t *testing.T) {
	files, err := fs.Glob(modeldata.Files, "python/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatal("no rows", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".toml")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := "testdata/rows/" + name + ".txtar"
			ar, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c := rowCase{files: fstest.MapFS{}, unseen: map[string]bool{}}
			c.read(t, ar, name)
			if *update {
				c.write(t, ar, path)
				return
			}
			c.check(t, name)
		})
	}
}

// A rowCase is one archive with the rows that it is about. Each of its files is a program of its own.
type rowCase struct {
	programs []rowProgram
	files    fstest.MapFS // of rows
	unseen   map[string]bool
}

// A rowProgram is one file of an archive, with what it says of its lines and what the engine sees there.
type rowProgram struct {
	name, text string
	prog       *semantic.Program
	want, got  map[string]string
}

func (c *rowCase) read(t *testing.T, ar *txtar.Archive, name string) {
	names := []string{name}
	for line := range strings.Lines(string(ar.Comment)) {
		key, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch key {
		case "with":
			names = append(names, strings.Fields(rest)...)
		case "unseen":
			path, why, _ := strings.Cut(strings.TrimSpace(rest), ", ")
			if why == "" {
				t.Errorf("unseen: %s has no reason", path)
			}
			c.unseen[path] = true
		}
	}
	for _, n := range names {
		text, err := fs.ReadFile(modeldata.Files, "python/"+n+".toml")
		if err != nil {
			t.Fatal(err)
		}
		c.files[n+".toml"] = &fstest.MapFile{Data: text}
	}
	c.files["flowtest.toml"] = &fstest.MapFile{Data: fmt.Appendf(nil, rowHelpers, allKinds())}
	for _, f := range ar.Files {
		one := &txtar.Archive{Files: []txtar.File{f}}
		p := rowProgram{name: f.Name, text: string(f.Data), prog: parse(one), want: map[string]string{}}
		for i, line := range strings.Split(p.text, "\n") {
			if _, said, ok := strings.Cut(line, "#:"); ok {
				p.want[fmt.Sprint(i+1)] = strings.Join(strings.Fields(said), " ")
			}
		}
		c.programs = append(c.programs, p)
	}
}

func allKinds() string {
	var kinds []string
	for k := models.SQL; k < models.NumKinds; k++ {
		kinds = append(kinds, fmt.Sprintf("%q", k))
	}
	return strings.Join(kinds, ",")
}

var update = flag.Bool("update", false, "write into the archives of TestRows what the engine sees")

// write says on each line what the engine sees there.
func (c *rowCase) write(t *testing.T, ar *txtar.Archive, path string) {
	set := c.load(t)
	for i := range ar.Files {
		got := c.programs[i].see(t, set)
		lines := strings.Split(string(ar.Files[i].Data), "\n")
		for j, line := range lines {
			line, _, _ = strings.Cut(line, "#:")
			if lines[j] = strings.TrimRight(line, " "); got[fmt.Sprint(j+1)] != "" {
				lines[j] += " #: " + got[fmt.Sprint(j+1)]
			}
		}
		ar.Files[i].Data = []byte(strings.Join(lines, "\n"))
	}
	if err := os.WriteFile(path, txtar.Format(ar), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (c *rowCase) check(t *testing.T, name string) {
	set := c.load(t)
	for i := range c.programs {
		p := &c.programs[i]
		p.got = p.see(t, set)
		for _, line := range differences(p.want, p.got) {
			t.Errorf("%s:%s: the archive says %q, the engine %q", p.name, line, p.want[line], p.got[line])
		}
	}
	text := string(c.files[name+".toml"].Data)
	for _, m := range mutants(text) {
		c.files[name+".toml"] = &fstest.MapFile{Data: []byte(text[:m.from] + m.with + text[m.to:])}
		missed, known := c.isMissed(t, m.path), c.unseen[m.name]
		switch {
		case !missed && !known:
			t.Errorf("%s.toml:%d: nobody misses %s", name, 1+strings.Count(text[:m.from], "\n"), m.name)
		case missed && known:
			t.Errorf("unseen: %s is seen", m.name)
		}
	}
}

// isMissed: a file that names the path sees something else without a part of its rows.
func (c *rowCase) isMissed(t *testing.T, path string) bool {
	set := c.load(t)
	root, _, _ := strings.Cut(path, ".")
	name := path[strings.LastIndexByte(path, '.')+1:]
	if strings.HasPrefix(name, "__") {
		name = "" // is called without being named
	}
	isNamed := slices.ContainsFunc(c.programs, func(p rowProgram) bool { return strings.Contains(p.text, root) })
	for i := range c.programs {
		p := &c.programs[i]
		if strings.Contains(p.text, name) && (!isNamed || strings.Contains(p.text, root)) && len(differences(p.see(t, set), p.got)) > 0 {
			return true
		}
	}
	return false
}

func (c *rowCase) load(t *testing.T) *models.Set {
	t.Helper()
	set, err := models.Load(c.files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// see is what the engine sees, by line.
func (p *rowProgram) see(t *testing.T, set *models.Set) map[string]string {
	r := flow.Analyze(context.Background(), p.prog, set, flow.Options{})
	for _, fault := range r.Faults() {
		t.Errorf("%s\n%s", fault, fault.Stack)
	}
	seen := map[string]*seenThere{}
	on := func(fn *ir.Func, node ast.NodeID) *seenThere {
		line := fmt.Sprint(1 + strings.Count(p.text[:fn.SpanOf(node).Start], "\n"))
		if seen[line] == nil {
			seen[line] = &seenThere{}
		}
		return seen[line]
	}
	for _, h := range r.Hits {
		on(h.Func, h.Node).hit(&h)
	}
	for _, e := range r.Events {
		if !strings.HasPrefix(e.Callee, "?") {
			there := on(e.Func, e.Node)
			there.events++
		}
	}
	out := map[string]string{}
	for line, s := range seen {
		if text := s.text(); text != "" {
			out[line] = text
		}
	}
	return out
}

// seenThere is what the engine sees on one line.
type seenThere struct {
	words  []string
	events int
	shown  map[string]models.KindSet // what see() shows, by whose words and how surely
}

func (s *seenThere) hit(h *flow.Hit) {
	if len(h.Labels) == 0 {
		if h.Callee != "flowtest.see" {
			s.words = append(s.words, h.Kind.String())
		}
		return
	}
	for _, l := range h.Labels {
		if l.Cleared.Has(h.Kind) {
			continue
		}
		var before, after string
		if l.Origin.Source != models.Remote {
			before = l.Origin.Source.String() + ":"
		}
		if l.Marks&(value.MarkUnknownCall|value.MarkDynamic) != 0 {
			after = "?"
		}
		if h.Callee != "flowtest.see" {
			s.words = append(s.words, before+h.Kind.String()+after)
			continue
		}
		if s.shown == nil {
			s.shown = map[string]models.KindSet{}
		}
		key := before + " " + after
		s.shown[key] = s.shown[key].With(h.Kind)
	}
}

func (s *seenThere) text() string {
	words := s.words
	for key, kinds := range s.shown {
		before, after, _ := strings.Cut(key, " ")
		words = append(words, before+shownKinds(kinds)+after)
	}
	slices.Sort(words)
	words = slices.Compact(words)
	for range s.events {
		words = append(words, "event")
	}
	return strings.Join(words, " ")
}

// shownKinds names the kinds that are there, or those that are missing, whichever is shorter.
func shownKinds(kinds models.KindSet) string {
	if kinds == models.AllKinds {
		return "+"
	}
	sign, named := "=", kinds
	if kinds.Len() > models.AllKinds.Len()/2 {
		sign, named = "-", models.AllKinds&^kinds
	}
	var names []string
	for k := models.SQL; k < models.NumKinds; k++ {
		if named.Has(k) {
			names = append(names, k.String())
		}
	}
	return sign + strings.Join(names, sign)
}

// differences are the keys for which the two do not say the same, sorted.
func differences(a, b map[string]string) []string {
	var out []string
	for k := range a {
		if a[k] != b[k] {
			out = append(out, k)
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}
