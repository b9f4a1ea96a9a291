package workspace

import "stopper/internal/vfs"

// Open opens what a user names on the command line: a folder, or a single file, whose folder then is the root and which
// alone is listed. The caller closes the Disk when no more is read.
func Open(name string) (*vfs.Disk, Options, error) {
	disk, file, err := vfs.OpenPath(name)
	if err != nil {
		return nil, Options{}, err
	}
	return disk, Options{OnlyFile: file, IsExport: !disk.HasAbove(".git")}, nil
}
