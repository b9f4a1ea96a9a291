package finding

import (
	"strings"
	"testing"

	"stopper/internal/source"
)

// What finishing costs for a repository with many findings: a thousand of them in ten files of a thousand lines.
func BenchmarkFinish(b *testing.B) {
	line := `    cursor.execute("SELECT * FROM items WHERE name = '%s' AND password = '%s'" % (name, password), timeout=5)` + "\n"
	files := map[string]*source.File{}
	for i := range 10 {
		p := string(rune('a'+i)) + ".py"
		files[p] = source.NewFile(p, []byte(strings.Repeat(line, 1000)))
	}
	for b.Loop() {
		var fs []*Finding
		for i := range 1000 {
			p := string(rune('a'+i%10)) + ".py"
			s := source.Span{Start: uint32(i * len(line) / 2), End: uint32(i*len(line)/2 + 40)}
			fs = append(fs, &Finding{RuleID: "FLASK-INJECT-001", Check: "sql", Path: p, Span: s, Flow: []Step{{Path: p, Span: s}, {Path: p, Span: s}}})
		}
		Finish(fs, func(p string) *source.File { return files[p] })
	}
}
