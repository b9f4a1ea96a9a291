package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// checkPath says what is wrong with PATH before anything is started.
func (a *app) checkPath(path string) error {
	if a.Stat == nil {
		return nil
	}
	info, err := a.Stat(path)
	if err != nil {
		if a.Lstat != nil && errors.Is(err, fs.ErrNotExist) {
			if link, lerr := a.Lstat(path); lerr == nil && link.Mode()&fs.ModeSymlink != 0 {
				return fmt.Errorf("%s is a link to something that does not exist", path)
			}
		}
		return explainPath(path, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is a file: give the folder that holds the application, for example %s", path, filepath.Dir(path))
	}
	return nil
}

func explainPath(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist) && concerns(path, err):
		return fmt.Errorf("there is no folder %s", path)
	case errors.Is(err, fs.ErrPermission) && concerns(path, err):
		return fmt.Errorf("%s cannot be read: permission denied", path)
	}
	return err
}

// concerns tells an error about PATH itself from one about another file, such as the configuration.
func concerns(path string, err error) bool {
	var p *fs.PathError
	return !errors.As(err, &p) || p.Path == path || filepath.Clean(p.Path) == filepath.Clean(path)
}
