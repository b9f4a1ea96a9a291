package workspace

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"stopper/internal/vfs"
)

// The limits of a walk. An application has tens of folders in depth at most, and tens of thousands of files; what is beyond
// is listed as skipped.
const (
	maxDepth    = 100
	maxFiles    = 200_000
	maxShebangs = 2_000
)

type walker struct {
	fs       vfs.FS
	exclude  []ignoreFile
	files    []File
	skipped  []Skip
	links    []string
	seen     map[string]bool // paths of listed files and folders that were entered
	work     int             // steps spent in ignore rules
	sniffed  int
	full     bool
	isExport bool // see Options
	tracked  tracked
	ignored  int // ignored folders around the current one
}

func (w *walker) skip(p string, r Reason, detail string) {
	w.skipped = append(w.skipped, Skip{Path: p, Reason: r, Detail: detail})
}

// walk lists the tree, then decides about links, because a link to what is listed anyway must not be audited twice.
func (w *walker) walk() error {
	entries, err := w.fs.ReadDir(".")
	if err != nil {
		return fmt.Errorf("list folder: %w", err)
	}
	var rules []ignoreFile
	if text, err := w.fs.ReadFile(".git/index", maxIndex); err == nil {
		w.tracked = readIndex(text)
	}
	if text, err := w.fs.ReadFile(".git/info/exclude", maxIgnoreFile); err == nil {
		rules = append(rules, parseIgnore("", text))
	}
	w.dir("", entries, rules, 0)
	for _, p := range w.links {
		w.link(p)
	}
	return nil
}

func (w *walker) dir(dir string, entries []vfs.Entry, rules []ignoreFile, depth int) {
	if dir != "" {
		w.seen[dir] = true
	}
	for _, e := range entries {
		if e.Name == ".gitignore" && e.Kind == vfs.KindFile && !w.isExport {
			rules = w.withRules(dir, rules)
		}
	}
	installed, copied := w.installed(dir, entries), w.copies(dir, entries)
	var left, beside []string
	for _, e := range entries {
		p := path.Join(dir, e.Name)
		isDir := e.Kind == vfs.KindDir
		switch {
		case isDir && isVendoredName(e.Name):
			w.skip(p+"/", Vendored, "")
		case installed[e.Name]:
			left = append(left, e.Name)
		case copied[e.Name]:
			beside = append(beside, e.Name)
		case ignored(w.exclude, p, isDir, &w.work):
			w.skip(mark(p, isDir), Excluded, "")
		case w.leavesOut(rules, p, isDir):
			if !isDir || !w.tracked[p] {
				w.skip(mark(p, isDir), Ignored, "")
				continue
			}
			w.ignored++
			w.enter(p, e.Name, rules, depth+1)
			w.ignored--
		case isDir:
			w.enter(p, e.Name, rules, depth+1)
		case e.Kind == vfs.KindLink:
			w.links = append(w.links, p)
		case e.Kind == vfs.KindOther:
			w.skip(p, NotRegular, "")
		default:
			w.file(p, e)
		}
	}
	if len(left) > 0 {
		w.skip(cmp.Or(dir, ".")+"/", Installed, listed(left))
	}
	if len(beside) > 0 {
		w.skip(cmp.Or(dir, ".")+"/", Copied, listed(beside))
	}
}

// leavesOut reports whether an ignore file leaves a path out. What git tracks is not left out; of an ignored folder only
// that is entered.
func (w *walker) leavesOut(rules []ignoreFile, p string, isDir bool) bool {
	if w.tracked[p] && !isDir {
		return false
	}
	return w.ignored > 0 || w.work < maxIgnoreWork && ignored(rules, p, isDir, &w.work)
}

func mark(p string, isDir bool) string {
	if isDir {
		return p + "/"
	}
	return p
}

// withRules never appends in place: siblings share the parent's slice.
func (w *walker) withRules(dir string, rules []ignoreFile) []ignoreFile {
	p := path.Join(dir, ".gitignore")
	text, err := w.fs.ReadFile(p, maxIgnoreFile)
	if err != nil {
		w.skipped = append(w.skipped, skipOf(p, err))
		return rules
	}
	return append(rules[:len(rules):len(rules)], parseIgnore(dir, text))
}

func (w *walker) enter(p, name string, rules []ignoreFile, depth int) {
	if depth > maxDepth {
		w.skip(p+"/", Limit, fmt.Sprintf("more than %d folders deep", maxDepth))
		return
	}
	entries, err := w.fs.ReadDir(p)
	if err != nil {
		s := skipOf(p+"/", err)
		w.skipped = append(w.skipped, s)
		return
	}
	if isVendoredContent(name, depth, entries) {
		w.skip(p+"/", Vendored, "")
		return
	}
	w.dir(p, entries, rules, depth)
}

// isVendoredName names folders that never hold the application's own code.
func isVendoredName(name string) bool {
	switch name {
	case ".git", ".hg", ".svn", ".bzr", "node_modules", "bower_components", ".venv", "site-packages", "dist-packages", "__pycache__", "__pypackages__",
		".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".eggs", ".cache", ".idea", ".terraform", ".serverless", ".next", ".nuxt",
		".ipynb_checkpoints", "htmlcov":
		return true
	}
	return strings.HasSuffix(name, ".egg-info") || strings.HasSuffix(name, ".dist-info")
}

// isVendoredContent recognises a virtual environment by its marker file, whatever its name, and the output of a build: a
// folder "build" or "dist" at the top that is not a Python package.
func isVendoredContent(name string, depth int, entries []vfs.Entry) bool {
	output := depth == 1 && (name == "build" || name == "dist")
	hasInit := false
	for _, e := range entries {
		switch e.Name {
		case "pyvenv.cfg":
			return true
		case "__init__.py", "Dockerfile":
			hasInit = true
		}
	}
	return output && !hasInit
}

func (w *walker) file(p string, e vfs.Entry) {
	if len(w.files) >= maxFiles {
		if !w.full {
			w.skip(p, Limit, fmt.Sprintf("more than %d files; this one and later ones are left out", maxFiles))
		}
		w.full = true
		return
	}
	f := File{Path: p, Class: classify(p), Size: -1, IsTest: isTest(p), IsExample: isExample(p)}
	if f.Class == Other && path.Ext(p) == "" {
		f.Class = w.sniff(p)
	}
	if f.Class != Other {
		size, err := e.Size(w.fs, p)
		if err != nil {
			w.skipped = append(w.skipped, skipOf(p, err))
			return
		}
		if limit := f.Class.Limit(); size > limit {
			w.skip(p, TooLarge, sizeDetail(size, limit))
			return
		}
		f.Size = size
	}
	w.seen[p] = true
	w.files = append(w.files, f)
}

// sniff reads scripts without an extension; a large one is no script.
func (w *walker) sniff(p string) Class {
	if w.sniffed++; w.sniffed > maxShebangs {
		return Other
	}
	text, err := w.fs.ReadFile(p, 64<<10)
	if err != nil || isBinary(text) {
		return Other
	}
	return byShebang(text)
}

// link lists the target of a link under the link's own path when no other path leads to it.
func (w *walker) link(p string) {
	target, err := w.fs.Resolve(p)
	if err != nil {
		w.skipped = append(w.skipped, skipOf(p, err))
		return
	}
	kind, _, err := w.fs.Stat(target)
	switch {
	case err != nil:
		w.skipped = append(w.skipped, skipOf(p, err))
	case w.seen[target] || target == ".":
		w.skip(p, LinkInside, target)
	case kind == vfs.KindDir:
		w.skip(p, Vendored, "link to a folder that is left out: "+target)
	case kind == vfs.KindOther:
		w.skip(p, NotRegular, "")
	case isVendoredPath(target):
		w.skip(p, Vendored, target)
	default:
		w.file(p, vfs.Entry{})
	}
}

// isVendoredPath keeps a link from pulling in what lies in .git or among installed packages.
func isVendoredPath(p string) bool {
	for _, part := range strings.Split(p, "/") {
		if isVendoredName(part) {
			return true
		}
	}
	return false
}

// single lists one file that the user named. It is read as Python unless its name says otherwise.
func (w *walker) single(p string) error {
	kind, _, err := w.fs.Stat(p)
	if err != nil {
		w.skipped = append(w.skipped, skipOf(p, err))
		return fmt.Errorf("open file: %w", err)
	}
	if kind != vfs.KindFile {
		w.skip(p, NotRegular, "")
		return fmt.Errorf("open file: %s: %w", p, vfs.ErrNotRegular)
	}
	w.file(p, vfs.Entry{})
	if len(w.files) == 0 {
		return &SkipError{w.skipped[len(w.skipped)-1]}
	}
	return nil
}
