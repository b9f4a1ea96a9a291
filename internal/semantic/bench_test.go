package semantic_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

func corpus(b *testing.B) (files []*ast.File, size int64) {
	out, err := exec.Command("python3", "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))").Output()
	if err != nil {
		b.Skip("no python3")
	}
	paths, _ := filepath.Glob(strings.TrimSpace(string(out)) + "/*.py")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		files = append(files, parse(filepath.Base(path), string(text)))
		size += int64(len(text))
	}
	return files, size
}

func BenchmarkScan(b *testing.B) {
	files, size := corpus(b)
	b.SetBytes(size)
	b.ReportAllocs()
	var s semantic.Scanner
	for b.Loop() {
		for _, f := range files {
			s.Scan(f)
		}
	}
}

func BenchmarkLink(b *testing.B) {
	files, _ := corpus(b)
	var infos []*semantic.FileInfo
	for _, f := range files {
		infos = append(infos, semantic.Scan(f))
	}
	b.ReportAllocs()
	for b.Loop() {
		semantic.Link(infos)
	}
}
