package models

import (
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"slices"
)

// Load reads every .toml file of fsys, then the extra files (a user's own rows), and compiles them.
// A row of an extra file that repeats one of fsys is ignored; one that contradicts it (another type) replaces it.
func Load(fsys fs.FS, extra ...[]byte) (*Set, error) {
	c := newCompiler()
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".toml" {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		return c.add(name, data)
	})
	if err != nil {
		return nil, fmt.Errorf("load models: %w", err)
	}
	c.lenient = true
	for i, data := range extra {
		if err := c.add(fmt.Sprintf("extra models %d", i+1), data); err != nil {
			return nil, fmt.Errorf("load models: %w", err)
		}
	}
	return c.finish()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func values(list []string) iter.Seq[string] { return slices.Values(list) }
