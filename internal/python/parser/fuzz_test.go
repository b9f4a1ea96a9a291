package parser

import (
	"testing"

	"stopper/internal/python/ast"
	"stopper/internal/source"
)

// FuzzParse demands of any text: no panic, a tree, spans inside the file and the parent, and symbols, lists and
// strings that exist.
func FuzzParse(f *testing.F) {
	for _, c := range recoveryCases {
		f.Add([]byte(c.src))
	}
	for _, s := range accepted {
		f.Add([]byte(s))
	}
	for _, s := range rejected {
		f.Add([]byte(s))
	}
	p := New()
	f.Fuzz(func(t *testing.T, text []byte) {
		tree := p.Parse(source.NewFile("fuzz.py", text))
		if tree == nil || tree.Kind(tree.Root) != ast.Module {
			t.Fatal("no tree")
		}
		if err := ast.CheckSpans(tree); err != nil {
			t.Fatal(err)
		}
		ast.Dump(tree, tree.Root, ast.DumpOptions{Spans: true})
		again := Parse(source.NewFile("fuzz.py", text), Options{})
		if len(again.Nodes) != len(tree.Nodes) || len(again.Errors) != len(tree.Errors) {
			t.Fatal("a reused parser gives another tree than a new one")
		}
	})
}
