// Package workspace lists what there is to audit: every file below the root, classified, and whatever was left out, with
// the reason.
//
// In goes a vfs.FS; out comes an immutable Workspace whose lists are sorted by path, whatever the file system's order was.
// Ignore files of the tree are obeyed by a matcher of our own, so that nothing the tree configures for git ever runs.
// Contents are read later, through Read, which many goroutines may call at once.
package workspace

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"stopper/internal/vfs"
)

// File is one file of the tree.
type File struct {
	Path      string // relative, slash-separated
	Class     Class
	Size      int64 // bytes; -1 when it was not asked for (class Other)
	IsTest    bool  // in a folder of tests, or named like one
	IsExample bool  // in a folder of documentation or examples
}

// Reason says why something was left out.
type Reason uint8

// The reasons. Those up to Excluded are ordinary; the rest are gaps that a report names.
const (
	Ignored    Reason = iota // by an ignore file
	Vendored                 // installed packages, caches, build output, version control
	LinkInside               // a link to what is audited under its own path
	Excluded                 // by the user's configuration
	TooLarge
	Binary
	LinkOutside
	LinkBroken
	LinkLoop
	NotRegular
	Unreadable
	Installed // beside packages that an installer recorded: who writes the record decides what it names
	Copied    // beside copies of Flask and Werkzeug, libraries by their names
	Limit     // the tree is deeper or larger than what is walked
	numReasons
)

// String is the reason in words.
func (r Reason) String() string {
	return [numReasons]string{"ignored", "not part of the application", "link to a file that is audited", "excluded by configuration", "too large", "binary",
		"link leads out of the root", "broken link", "loop of links", "not a regular file", "unreadable", "named in the records of installed packages", "copies of libraries", "limit reached"}[min(r, numReasons-1)]
}

// IsGap reports whether something that could have held a finding was not looked at.
func (r Reason) IsGap() bool { return r > Excluded }

// Skip is a file or a folder (then Path ends in "/") that is not audited.
type Skip struct {
	Path   string
	Reason Reason
	Detail string // what exactly, for a reader; may be empty
}

// SkipError is Read's error, ready to be listed beside Workspace.Skipped.
type SkipError struct{ Skip }

func (e *SkipError) Error() string {
	if e.Detail == "" {
		return e.Path + ": " + e.Reason.String()
	}
	return e.Path + ": " + e.Reason.String() + ": " + e.Detail
}

// Options narrow the walk. The zero value audits the whole tree.
type Options struct {
	ExcludePaths []string // patterns as in an ignore file
	OnlyFile     string   // audit this one file; the rest of the tree is not listed
	// IsExport: the tree belongs to no work tree of git, so nothing is in it that git left out, and ignore files do not count.
	IsExport bool
}

// Workspace is the result of one walk.
type Workspace struct {
	Files   []File
	Skipped []Skip

	fs     vfs.FS
	byPath map[string]int
}

// ErrEmpty is what Load says of a tree with no file to look at.
var ErrEmpty = errors.New("no files to audit")

// Load walks the tree. Its error means that nothing could be audited; the Workspace is then still valid, and lists why.
func Load(fsys vfs.FS, opts Options) (*Workspace, error) {
	w := walker{fs: fsys, isExport: opts.IsExport, seen: map[string]bool{}}
	if len(opts.ExcludePaths) > 0 {
		w.exclude = []ignoreFile{ParsePatterns(opts.ExcludePaths).file}
	}
	var err error
	if opts.OnlyFile != "" {
		err = w.single(opts.OnlyFile)
	} else {
		err = w.walk()
	}
	ws := &Workspace{Files: w.files, Skipped: w.skipped, fs: fsys, byPath: make(map[string]int, len(w.files))}
	slices.SortFunc(ws.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(ws.Skipped, func(a, b Skip) int { return strings.Compare(a.Path, b.Path) })
	for i := range ws.Files {
		ws.byPath[ws.Files[i].Path] = i
	}
	if err == nil && len(ws.Files) == 0 {
		err = ErrEmpty
	}
	return ws, err
}

// Lookup finds a listed file.
func (ws *Workspace) Lookup(path string) (File, bool) {
	if i, ok := ws.byPath[path]; ok {
		return ws.Files[i], true
	}
	return File{}, false
}

// OfClass lists the files of one class, by path.
func (ws *Workspace) OfClass(c Class) []File {
	var out []File
	for _, f := range ws.Files {
		if f.Class == c {
			out = append(out, f)
		}
	}
	return out
}

// Read returns a listed file's text. The error is a *SkipError. What is not listed is not readable: it was left out for a reason.
func (ws *Workspace) Read(path string) ([]byte, error) {
	f, ok := ws.Lookup(path)
	if !ok {
		return nil, &SkipError{Skip{Path: path, Reason: Unreadable, Detail: "not part of the audited tree"}}
	}
	text, err := ws.fs.ReadFile(path, f.Class.Limit())
	if err != nil {
		return nil, &SkipError{skipOf(path, err)}
	}
	if isBinary(text) {
		return nil, &SkipError{Skip{Path: path, Reason: Binary}}
	}
	return text, nil
}

// isBinary looks for a zero byte near the start, as git does.
func isBinary(text []byte) bool { return bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 }

// skipOf turns an error of vfs into a reason.
func skipOf(path string, err error) Skip {
	for _, c := range []struct {
		err    error
		reason Reason
	}{
		{vfs.ErrOutside, LinkOutside}, {vfs.ErrBrokenLink, LinkBroken}, {vfs.ErrLinkLoop, LinkLoop}, {vfs.ErrNotRegular, NotRegular}, {vfs.ErrTooLarge, TooLarge},
	} {
		if errors.Is(err, c.err) {
			return Skip{Path: path, Reason: c.reason, Detail: detail(c.reason, err)}
		}
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return Skip{Path: path, Reason: Unreadable, Detail: err.Error()}
}

func detail(r Reason, err error) string {
	var pe *fs.PathError
	if r == TooLarge && errors.As(err, &pe) {
		return strings.TrimPrefix(pe.Err.Error(), vfs.ErrTooLarge.Error()+": ")
	}
	return ""
}

func sizeDetail(size, limit int64) string { return fmt.Sprintf("%d bytes, limit %d", size, limit) }
