package jinja_test

import (
	"strings"
	"testing"

	"stopper/internal/jinja"
	"stopper/internal/source"
)

// FuzzParse demands of any text: no panic, a tree, spans inside the file and the parent.
func FuzzParse(f *testing.F) {
	for _, c := range cases {
		for text := range strings.SplitSeq(c.texts, "\n---\n") {
			f.Add([]byte(text), false)
			f.Add([]byte(text), true)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, linewise bool) {
		opt := jinja.Options{TrimBlocks: linewise, LstripBlocks: linewise}
		if linewise {
			opt.LineStatement, opt.LineComment = "#", "##"
		}
		tree := jinja.Parse(source.NewFile("fuzz.html", text), opt)
		if err := jinja.CheckSpans(tree); err != nil {
			t.Fatal(err)
		}
		for _, c := range tree.Comments {
			if c.Span.End > uint32(len(text)) || c.Span.Start > c.Span.End {
				t.Fatalf("a comment spans %v of %d bytes", c.Span, len(text))
			}
		}
		jinja.Dump(tree.Root)
	})
}
