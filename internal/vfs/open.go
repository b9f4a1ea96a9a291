package vfs

import (
	"errors"
	"fmt"
	"io/fs"
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

// cause drops the layers that repeat the path.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
