package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// maxLinks is where a chain of links counts as a loop; Linux follows 40.
const maxLinks = 40

// Disk is a folder on disk. It is built on os.Root, which checks every component while it opens it: swapping a folder for
// a link between the look and the read gains nothing.
type Disk struct {
	root *os.Root
	real string // absolute, without links; links with absolute targets are compared to it

	folders folders
}

// OpenDisk opens a folder. The folder itself may be reached through links: its user named it.
func OpenDisk(dir string) (*Disk, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	root, err := os.OpenRoot(real)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	return &Disk{root: root, real: filepath.ToSlash(real)}, nil
}

// Close releases the folder.
func (d *Disk) Close() error {
	d.folders.close()
	return d.root.Close()
}

// ReadFile opens without blocking, because a pipe in a hostile tree would otherwise hang the audit.
func (d *Disk) ReadFile(name string, limit int64) ([]byte, error) {
	f, err := d.open("read", name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "read", Path: name, Err: ErrNotRegular}
	case info.Size() > limit:
		return nil, tooLarge(name, info.Size(), limit)
	}
	return readAll(f, name, info.Size(), limit)
}

// readAll trusts the size only as a first guess: the file may grow meanwhile, and /proc-like files say 0.
func readAll(r io.Reader, name string, size, limit int64) ([]byte, error) {
	buf := make([]byte, 0, size+1)
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, tooLarge(name, int64(len(buf)), limit)
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, 512+len(buf)/2)
		}
	}
}

func (d *Disk) open(op, name string) (*os.File, error) {
	if err := check(op, name); err != nil {
		return nil, err
	}
	const flags = os.O_RDONLY | syscall.O_NONBLOCK
	if dir, base := d.folders.below(d.root, name); dir != d.root {
		if f, err := dir.OpenFile(base, flags, 0); err == nil {
			return f, nil
		}
	}
	f, err := d.root.OpenFile(name, flags, 0)
	if err == nil {
		return f, nil
	}
	// os.Root refuses absolute links even when they lead back inside, and its errors do not tell a loop from a way out.
	target, rerr := d.Resolve(name)
	if rerr != nil {
		return nil, rerr
	}
	if target == name {
		return nil, plain(op, name, err)
	}
	f, err = d.root.OpenFile(target, flags, 0)
	return f, plain(op, name, err)
}

// plain drops the name of the system call and keeps the cause, so that messages name the path as the user knows it.
func plain(op, name string, err error) error {
	if err == nil {
		return nil
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// ReadDir lists a folder by name.
func (d *Disk) ReadDir(name string) ([]Entry, error) {
	f, err := d.open("list", name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := f.ReadDir(-1)
	if err != nil {
		return nil, plain("list", name, err)
	}
	out := make([]Entry, 0, len(list))
	for _, e := range list {
		out = append(out, Entry{Name: e.Name(), Kind: kindOf(e.Type()), info: e.Info})
	}
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func kindOf(m fs.FileMode) Kind {
	switch {
	case m.IsRegular():
		return KindFile
	case m.IsDir():
		return KindDir
	case m&fs.ModeSymlink != 0:
		return KindLink
	}
	return KindOther
}

// Stat follows links.
func (d *Disk) Stat(name string) (Kind, int64, error) {
	if err := check("stat", name); err != nil {
		return KindOther, 0, err
	}
	info, err := d.root.Lstat(name)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 || err != nil {
		target, rerr := d.Resolve(name)
		if rerr != nil {
			return KindOther, 0, rerr
		}
		if info, err = d.root.Lstat(target); err != nil {
			return KindOther, 0, plain("stat", name, err)
		}
	}
	return kindOf(info.Mode()), info.Size(), nil
}

// Resolve walks a path component by component and replaces each link by its target.
func (d *Disk) Resolve(name string) (string, error) {
	fail := func(err error) (string, error) { return "", plain("resolve", name, err) }
	if err := check("resolve", name); err != nil {
		return "", err
	}
	done, todo, links := "", strings.Split(name, "/"), 0
	for len(todo) > 0 {
		part := todo[0]
		todo = todo[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			if done == "" {
				return fail(ErrOutside)
			}
			done = parent(done)
			continue
		}
		next := path.Join(done, part)
		info, err := d.root.Lstat(next)
		switch {
		case err != nil && links > 0 && errors.Is(err, fs.ErrNotExist):
			return fail(ErrBrokenLink)
		case err != nil:
			return fail(err)
		case info.Mode()&fs.ModeSymlink == 0:
			done = next
			continue
		}
		if links++; links > maxLinks {
			return fail(ErrLinkLoop)
		}
		target, err := d.root.Readlink(next)
		if err != nil {
			return fail(err)
		}
		target = filepath.ToSlash(target)
		if path.IsAbs(target) || filepath.IsAbs(target) {
			below, ok := strings.CutPrefix(path.Clean(target)+"/", strings.TrimSuffix(d.real, "/")+"/")
			if !ok {
				return fail(ErrOutside)
			}
			done, target = "", below
		}
		todo = append(strings.Split(target, "/"), todo...)
		if len(todo) > 4096 { // each link may add a whole path; 40 of them must not add up to megabytes
			return fail(ErrLinkLoop)
		}
	}
	if done == "" {
		done = "."
	}
	return done, nil
}

func parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}
