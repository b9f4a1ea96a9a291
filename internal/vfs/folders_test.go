package vfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// More folders than are kept open, read by several goroutines at once: every file is found every time.
func TestManyFolders(t *testing.T) {
	dir := t.TempDir()
	var names []string
	for i := range 3 * maxFolders {
		name := fmt.Sprintf("a%d/b/c%d/f.py", i, i)
		names = append(names, name)
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d, err := OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range names {
				name := names[(i*7+worker*31)%len(names)]
				if text, err := d.ReadFile(name, NoLimit); err != nil || string(text) != name {
					t.Errorf("%s: %q, %v", name, text, err)
				}
			}
		})
	}
	wg.Wait()
}

// A folder that is kept open is still no way out, and what its own links may not reach the whole tree's may.
func TestLinksBelowAnOpenFolder(t *testing.T) {
	base := t.TempDir()
	dir := filepath.Join(base, "root")
	err := errors.Join(
		os.MkdirAll(filepath.Join(dir, "a/b"), 0o755),
		os.WriteFile(filepath.Join(dir, "a/b/x.py"), []byte("x"), 0o644),
		os.WriteFile(filepath.Join(dir, "y.py"), []byte("y"), 0o644),
		os.WriteFile(filepath.Join(base, "secret"), []byte("s"), 0o644),
		os.Symlink("../../y.py", filepath.Join(dir, "a/b/inside.py")),
		os.Symlink("../../../secret", filepath.Join(dir, "a/b/outside.py")),
		os.Symlink("a", filepath.Join(dir, "link")),
	)
	if err != nil {
		t.Fatal(err)
	}
	d, err := OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for name, want := range map[string]string{"a/b/x.py": "x", "a/b/inside.py": "y", "link/b/x.py": "x"} {
		if text, err := d.ReadFile(name, NoLimit); err != nil || string(text) != want {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	if _, err := d.ReadFile("a/b/outside.py", NoLimit); !errors.Is(err, ErrOutside) {
		t.Errorf("outside: %v", err)
	}
	if _, err := d.ReadFile("a/b/none.py", NoLimit); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
	// The folder becomes a link out of the tree: what was open before is read, nothing else.
	if err := errors.Join(os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "old")), os.Symlink("..", filepath.Join(dir, "a"))); err != nil {
		t.Fatal(err)
	}
	if _, err := d.ReadFile("a/secret", NoLimit); err == nil {
		t.Error("a swapped folder leads out")
	}
}
