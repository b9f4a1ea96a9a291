// Package vfs is the only door to files: a read-only file system below one root.
//
// Paths are relative to the root, slash-separated and clean ("a/b.py", "." for the root). What is read never lies outside
// the root: a link is followed only when its whole chain stays below it. Disk reads a folder, Overlay lays an editor's
// unsaved texts over another file system, Map and Txtar are for tests. All are safe for concurrent use, and no answer
// depends on timing or on the order in which an operating system lists a folder.
package vfs

import (
	"errors"
	"fmt"
	"io/fs"
)

// What can be wrong with a path beside fs.ErrNotExist and fs.ErrPermission.
var (
	ErrOutside    = errors.New("leads out of the root")
	ErrBrokenLink = errors.New("broken link")
	ErrLinkLoop   = errors.New("loop of links")
	ErrNotRegular = errors.New("not a regular file")
	ErrTooLarge   = errors.New("too large")
)

// NoLimit lets ReadFile return a file of any size. Only for files whose size another limit has bounded.
const NoLimit = int64(1<<63 - 1)

// Kind says what a name in a folder stands for, before any link is followed.
type Kind uint8

// The kinds of entries.
const (
	KindFile Kind = iota
	KindDir
	KindLink
	KindOther // device, socket, pipe: never opened
)

// Entry is one name in a folder.
type Entry struct {
	Name string
	Kind Kind
	info func() (fs.FileInfo, error) // nil when Stat must be asked
}

// Size is a file's size as the folder has it, for limits only: one system call where Stat pays one per path component.
func (e Entry) Size(fsys FS, path string) (int64, error) {
	if e.info == nil || e.Kind != KindFile {
		_, size, err := fsys.Stat(path)
		return size, err
	}
	info, err := e.info()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// FS reads files and folders below one root.
type FS interface {
	// ReadFile returns the whole text, which the caller may keep but not change. More than limit bytes is ErrTooLarge,
	// found out without reading them.
	ReadFile(path string, limit int64) ([]byte, error)
	// ReadDir lists a folder by name; a link is listed as a link.
	ReadDir(path string) ([]Entry, error)
	// Stat follows links and answers for what they lead to: KindFile with its size, KindDir, or KindOther.
	Stat(path string) (Kind, int64, error)
	// Resolve follows every link in a path, and returns the path without links of what it leads to.
	Resolve(path string) (string, error)
}

// check refuses what could name something outside: absolute paths, "..", and anything not clean.
func check(op, path string) error {
	if fs.ValidPath(path) {
		return nil
	}
	return &fs.PathError{Op: op, Path: path, Err: ErrOutside}
}

func tooLarge(path string, size, limit int64) error {
	return &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%w: %d bytes, limit %d", ErrTooLarge, size, limit)}
}
