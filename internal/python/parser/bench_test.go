package parser

import (
	"testing"

	"stopper/internal/source"
)

// BenchmarkParse reads the library of the newest CPython found, everything that parses; MB/s is of source text.
func BenchmarkParse(b *testing.B) {
	found := interpreters()
	if len(found) == 0 {
		b.Skip("no CPython found")
	}
	var files []*source.File
	size := int64(0)
	p := New()
	for _, f := range library(b, found[len(found)-1], true) {
		src := source.NewFile(f.path, f.text)
		if len(p.Parse(src).Errors) == 0 {
			files = append(files, src)
			size += int64(len(f.text))
		}
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range files {
			p.Parse(f)
		}
	}
}
