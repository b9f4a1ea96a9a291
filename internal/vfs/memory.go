package vfs

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// Map is a tree in memory: path → text. It has no links. It must not change after the first question.
type Map map[string]string

// Txtar reads a txtar archive into a tree.
func Txtar(archive []byte) Map {
	m := Map{}
	for _, f := range txtar.Parse(archive).Files {
		m[path.Clean(f.Name)] = string(f.Data)
	}
	return m
}

// ReadFile returns a copy of the text.
func (m Map) ReadFile(name string, limit int64) ([]byte, error) {
	if err := check("read", name); err != nil {
		return nil, err
	}
	text, ok := m[name]
	switch {
	case !ok && m.isDir(name):
		return nil, &fs.PathError{Op: "read", Path: name, Err: ErrNotRegular}
	case !ok:
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	case int64(len(text)) > limit:
		return nil, tooLarge(name, int64(len(text)), limit)
	}
	return []byte(text), nil
}

func (m Map) isDir(name string) bool {
	if name == "." {
		return true
	}
	for p := range m {
		if strings.HasPrefix(p, name+"/") {
			return true
		}
	}
	return false
}

// ReadDir lists the names directly below a folder.
func (m Map) ReadDir(name string) ([]Entry, error) {
	if err := check("list", name); err != nil {
		return nil, err
	}
	found := map[string]Kind{}
	for p := range m {
		rest := p
		if name != "." {
			var ok bool
			if rest, ok = strings.CutPrefix(p, name+"/"); !ok {
				continue
			}
		}
		head, _, isDir := strings.Cut(rest, "/")
		if isDir {
			found[head] = KindDir
		} else {
			found[head] = KindFile
		}
	}
	if len(found) == 0 && name != "." {
		return nil, &fs.PathError{Op: "list", Path: name, Err: fs.ErrNotExist}
	}
	return entries(found), nil
}

func entries(found map[string]Kind) []Entry {
	out := make([]Entry, 0, len(found))
	for _, n := range slices.Sorted(maps.Keys(found)) {
		out = append(out, Entry{Name: n, Kind: found[n]})
	}
	return out
}

// Stat answers for a file or a folder.
func (m Map) Stat(name string) (Kind, int64, error) {
	if err := check("stat", name); err != nil {
		return KindOther, 0, err
	}
	if text, ok := m[name]; ok {
		return KindFile, int64(len(text)), nil
	}
	if m.isDir(name) {
		return KindDir, 0, nil
	}
	return KindOther, 0, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
}

// Resolve returns an existing path as it is.
func (m Map) Resolve(name string) (string, error) {
	_, _, err := m.Stat(name)
	return name, err
}

// Overlay lays texts over another file system: an editor's unsaved buffers. It is immutable; make a new one for new texts.
type Overlay struct {
	base FS
	over Map
}

// NewOverlay copies the map of texts.
func NewOverlay(base FS, texts map[string][]byte) *Overlay {
	over := Map{}
	for p, t := range texts {
		over[path.Clean(p)] = string(t)
	}
	return &Overlay{base: base, over: over}
}

// ReadFile prefers the text laid over.
func (o *Overlay) ReadFile(name string, limit int64) ([]byte, error) {
	if _, ok := o.over[name]; ok {
		return o.over.ReadFile(name, limit)
	}
	return o.base.ReadFile(name, limit)
}

// ReadDir merges both listings: a buffer may not be saved yet, in a folder that does not exist yet.
func (o *Overlay) ReadDir(name string) ([]Entry, error) {
	below, err := o.base.ReadDir(name)
	above, overErr := o.over.ReadDir(name)
	if overErr != nil || len(above) == 0 {
		return below, err
	}
	found := map[string]Kind{}
	for _, e := range append(below, above...) {
		found[e.Name] = e.Kind
	}
	return entries(found), nil
}

// Stat prefers the text laid over.
func (o *Overlay) Stat(name string) (Kind, int64, error) {
	if kind, size, err := o.over.Stat(name); err == nil && name != "." {
		return kind, size, nil
	}
	return o.base.Stat(name)
}

// Resolve prefers the text laid over.
func (o *Overlay) Resolve(name string) (string, error) {
	if _, ok := o.over[name]; ok {
		return name, nil
	}
	return o.base.Resolve(name)
}
