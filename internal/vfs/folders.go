package vfs

import (
	"os"
	"path"
	"sync"
)

// maxFolders bounds the folders that are kept open; a process may have 256 files on some systems.
const maxFolders = 128

// folders keeps folders open, so that a file deep in the tree costs one system call and not one for each folder above it.
// Each is an os.Root of its own: nothing that is opened below it lies outside, and a folder that is swapped for a link
// meanwhile is not looked at again.
type folders struct {
	mu   sync.Mutex
	open map[string]*os.Root
}

// below gives the folder of a path and the path's last part. The folder is top itself when there is none in between, or when it
// cannot be opened: then opening the whole path says why.
func (f *folders) below(top *os.Root, name string) (*os.Root, string) {
	dir, base := path.Split(name)
	if dir == "" {
		return top, name
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.folder(top, path.Clean(dir)); r != nil {
		return r, base
	}
	return top, name
}

func (f *folders) folder(top *os.Root, dir string) *os.Root {
	if r := f.open[dir]; r != nil {
		return r
	}
	if len(f.open) >= maxFolders {
		f.closeAll() // whoever is reading through one of them finds it closed and takes the long way
	}
	above, last := top, dir
	if parent, base := path.Split(dir); parent != "" {
		if above = f.folder(top, path.Clean(parent)); above == nil {
			return nil
		}
		last = base
	}
	r, err := above.OpenRoot(last)
	if err != nil {
		return nil
	}
	if f.open == nil {
		f.open = map[string]*os.Root{}
	}
	f.open[dir] = r
	return r
}

func (f *folders) closeAll() {
	for _, r := range f.open {
		r.Close()
	}
	clear(f.open)
}

func (f *folders) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closeAll()
}
