package vfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tree lays out a root with a secret beside it, and every kind of link into and out of it.
func tree(t *testing.T) *Disk {
	t.Helper()
	base := t.TempDir()
	root := filepath.Join(base, "root")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(root, "pkg/deep"), 0o755))
	must(os.WriteFile(filepath.Join(base, "secret"), []byte("s3cret"), 0o644))
	must(os.WriteFile(filepath.Join(root, "a.py"), []byte("a = 1\n"), 0o644))
	must(os.WriteFile(filepath.Join(root, "pkg/b.py"), []byte("b = 1\n"), 0o644))
	for link, target := range map[string]string{
		"in.py":        "a.py",
		"pkg/up.py":    "../a.py",
		"abs.py":       filepath.Join(root, "a.py"),
		"out.py":       "../secret",
		"out-abs.py":   filepath.Join(base, "secret"),
		"out-dir":      "..",
		"sly.py":       "pkg/../../secret",
		"via-dir.py":   "out-dir/secret",
		"broken.py":    "nowhere",
		"loop1.py":     "loop2.py",
		"loop2.py":     "loop1.py",
		"self":         "self",
		"pkg/deep/top": "../..",
		"passwd":       "/etc/passwd",
		"to-dir":       "pkg",
		"dotted":       "./pkg/./deep/../b.py",
	} {
		must(os.Symlink(target, filepath.Join(root, link)))
	}
	d, err := OpenDisk(root)
	must(err)
	t.Cleanup(func() { d.Close() })
	return d
}

func TestDiskLinks(t *testing.T) {
	d := tree(t)
	for _, c := range []struct {
		path, text, resolved string
		err                  error
	}{
		{"a.py", "a = 1\n", "a.py", nil},
		{"in.py", "a = 1\n", "a.py", nil},
		{"pkg/up.py", "a = 1\n", "a.py", nil},
		{"abs.py", "a = 1\n", "a.py", nil},
		{"to-dir/b.py", "b = 1\n", "pkg/b.py", nil},
		{"dotted", "b = 1\n", "pkg/b.py", nil},
		{"pkg/deep/top/pkg/deep/top/a.py", "a = 1\n", "a.py", nil},
		{"out.py", "", "", ErrOutside},
		{"out-abs.py", "", "", ErrOutside},
		{"out-dir/secret", "", "", ErrOutside},
		{"sly.py", "", "", ErrOutside},
		{"via-dir.py", "", "", ErrOutside},
		{"passwd", "", "", ErrOutside},
		{"../secret", "", "", ErrOutside},
		{"/etc/passwd", "", "", ErrOutside},
		{"pkg/../a.py", "", "", ErrOutside},
		{"broken.py", "", "", ErrBrokenLink},
		{"loop1.py", "", "", ErrLinkLoop},
		{"self", "", "", ErrLinkLoop},
		{"none.py", "", "", fs.ErrNotExist},
	} {
		text, err := d.ReadFile(c.path, 1000)
		if string(text) != c.text || !errors.Is(err, c.err) {
			t.Errorf("%s: read %q, %v; want %q, %v", c.path, text, err, c.text, c.err)
		}
		if strings.Contains(string(text), "s3cret") {
			t.Errorf("%s: escaped", c.path)
		}
		if got, err := d.Resolve(c.path); got != c.resolved || !errors.Is(err, c.err) {
			t.Errorf("%s: resolved to %q, %v", c.path, got, err)
		}
		if _, _, err := d.Stat(c.path); !errors.Is(err, c.err) {
			t.Errorf("%s: stat %v", c.path, err)
		}
	}
}

func names(es []Entry) string {
	var out []string
	for _, e := range es {
		out = append(out, fmt.Sprintf("%s:%d", e.Name, e.Kind))
	}
	return strings.Join(out, " ")
}

func TestDiskListsSortedAndLinksAsLinks(t *testing.T) {
	d := tree(t)
	es, err := d.ReadDir("pkg")
	if err != nil || names(es) != "b.py:0 deep:1 up.py:2" {
		t.Error(es, err)
	}
	if _, err := d.ReadDir("out-dir"); !errors.Is(err, ErrOutside) {
		t.Error(err)
	}
}

func TestDiskRefusesWhatIsNoFile(t *testing.T) {
	d := tree(t)
	if err := syscall.Mkfifo(filepath.Join(d.real, "pipe"), 0o644); err != nil {
		t.Skip(err)
	}
	done := make(chan error, 1)
	go func() { _, err := d.ReadFile("pipe", 10); done <- err }()
	select {
	case err := <-done:
		if !errors.Is(err, ErrNotRegular) {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("a pipe blocks")
	}
	if _, err := d.ReadFile("pkg", 10); !errors.Is(err, ErrNotRegular) {
		t.Error(err)
	}
}

func TestDiskSizeLimit(t *testing.T) {
	d := tree(t)
	if err := os.Truncate(filepath.Join(d.real, "a.py"), 50<<20); err != nil {
		t.Fatal(err)
	}
	if _, err := d.ReadFile("a.py", 1<<20); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if b, err := d.ReadFile("pkg/b.py", 6); err != nil || len(b) != 6 {
		t.Error(b, err)
	}
	if _, err := d.ReadFile("pkg/b.py", 5); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func TestReadAllOfGrowingFile(t *testing.T) {
	text := strings.Repeat("x", 5000)
	if b, err := readAll(strings.NewReader(text), "f", 0, 5000); err != nil || string(b) != text {
		t.Error(len(b), err)
	}
	if _, err := readAll(strings.NewReader(text), "f", 0, 4999); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func TestOpenDiskErrors(t *testing.T) {
	if _, err := OpenDisk(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDisk(file); err == nil {
		t.Error("a file opened as a folder")
	}
}

func TestOverlayAndTxtar(t *testing.T) {
	base := Txtar([]byte("-- app.py --\nold\n-- pkg/x.py --\nx\n"))
	o := NewOverlay(base, map[string][]byte{"app.py": []byte("new"), "fresh/y.py": []byte("y")})
	if b, err := o.ReadFile("app.py", NoLimit); string(b) != "new" || err != nil {
		t.Error(b, err)
	}
	if b, err := o.ReadFile("pkg/x.py", NoLimit); string(b) != "x\n" || err != nil {
		t.Error(b, err)
	}
	es, err := o.ReadDir(".")
	if err != nil || names(es) != "app.py:0 fresh:1 pkg:1" {
		t.Error(es, err)
	}
	if es, err := o.ReadDir("fresh"); err != nil || len(es) != 1 {
		t.Error(es, err)
	}
	if _, err := o.ReadFile("app.py", 2); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, err := o.ReadFile("../x", 2); !errors.Is(err, ErrOutside) {
		t.Error(err)
	}
	if k, n, err := o.Stat("app.py"); k != KindFile || n != 3 || err != nil {
		t.Error(k, n, err)
	}
	if p, err := o.Resolve("fresh/y.py"); p != "fresh/y.py" || err != nil {
		t.Error(p, err)
	}
	if _, _, err := o.Stat("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
