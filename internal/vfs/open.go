package vfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// OpenPath opens what a user names: a folder, or the folder of a single file, whose name below it is then returned too.
func OpenPath(name string) (disk *Disk, file string, err error) {
	disk, err = OpenDisk(name)
	if err == nil {
		return disk, "", nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", fmt.Errorf("%s: no such file or folder", name)
	}
	abs, aerr := filepath.Abs(name)
	if aerr != nil {
		return nil, "", aerr
	}
	real, rerr := filepath.EvalSymlinks(abs)
	if rerr != nil {
		return nil, "", fmt.Errorf("%s: %w", name, cause(rerr))
	}
	disk, derr := OpenDisk(filepath.Dir(real))
	if derr != nil {
		return nil, "", fmt.Errorf("%s: %w", name, cause(err))
	}
	file = filepath.Base(real)
	if kind, _, serr := disk.Stat(file); serr != nil || kind != KindFile {
		disk.Close()
		return nil, "", fmt.Errorf("%s: %w", name, cause(err))
	}
	return disk, file, nil
}

// HasAbove reports whether a folder above the root, or the root itself, holds an entry of a name.
func (d *Disk) HasAbove(name string) bool {
	for dir := d.real; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
		if filepath.Dir(dir) == dir {
			return false
		}
	}
}

// cause drops the layers that repeat the path.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
