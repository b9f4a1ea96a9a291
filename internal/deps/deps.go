// Package deps reads which Python packages a repository asks for, and which versions it has locked.
//
// In: the text of one manifest (requirements, pyproject, Pipfile, setup.cfg, conda environment) or lock file (poetry, uv, pdm,
// pipenv, pylock). Out: packages with the line they stand on. Names are normalised as PEP 503 says; a Set answers which
// version will be installed. Nothing is resolved and nothing is looked up: a range stays a range.
package deps

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/deploy"
)

// Dep is one package as one file names it.
type Dep struct {
	Name    string // normalised: flask-sqlalchemy
	Version string // the only version that satisfies the line; "" for a range
	Spec    string // as written: ">=2.0,<3"; "" for any
	Marker  string // the condition behind ";"
	File    string
	Line    int
	Lock    bool // from a lock file
	Dev     bool // only for development or tests, by its group or file
	Hashed  bool
	Direct  bool // a URL, a path or a repository instead of a version
}

// File is one manifest or lock.
type File struct {
	Path     string
	Lock     bool
	Dev      bool // the file's name says that it is for development, tests or documentation
	Deps     []Dep
	Python   deploy.Value // requires-python or the like, as written
	Includes []string     // "-r other.txt", as written
	Updater  bool         // it configures a service that updates dependencies
}

// MaxDeps bounds what one file may list.
const MaxDeps = 20_000

// Parse reads a file by its name. A name of no known form gives nil.
func Parse(p string, text []byte) (*File, []deploy.Problem) {
	f := &File{Path: p, Dev: isDevName(p)}
	base := strings.ToLower(path.Base(p))
	var err error
	switch {
	case base == "poetry.lock", base == "uv.lock", base == "pdm.lock", base == "pylock.toml", strings.HasPrefix(base, "pylock.") && strings.HasSuffix(base, ".toml"):
		f.Lock = true
		f.tomlLock(text)
	case base == "pipfile.lock":
		f.Lock = true
		err = f.pipfileLock(text)
	case base == "pyproject.toml", base == "pipfile":
		err = f.toml(text, base == "pipfile")
	case base == "setup.cfg":
		f.setupCfg(text)
	case strings.HasPrefix(base, "environment.y"):
		err = f.conda(text)
	case strings.HasSuffix(base, ".txt"), strings.HasSuffix(base, ".in"), strings.HasSuffix(base, ".pip"):
		f.requirements(text)
	default:
		return nil, nil
	}
	for i := range f.Deps {
		f.Deps[i].Lock = f.Lock
		f.Deps[i].Dev = f.Deps[i].Dev || f.Dev
	}
	if err != nil {
		return f, []deploy.Problem{{Message: err.Error()}}
	}
	return f, nil
}

func isDevName(p string) bool {
	for _, w := range strings.FieldsFunc(strings.ToLower(p), func(r rune) bool { return r == '.' || r == '-' || r == '_' || r == '/' }) {
		switch w {
		case "dev", "develop", "development", "test", "tests", "testing", "docs", "doc", "lint", "ci", "example", "examples", "optional":
			return true
		}
	}
	return false
}

// Normalise is a package's name as PEP 503 compares it.
func Normalise(name string) string {
	return strings.ToLower(separators.ReplaceAllString(strings.TrimSpace(name), "-"))
}

var separators = regexp.MustCompile(`[-_.]+`)

func (f *File) add(d Dep) {
	if d.Name == "" || len(f.Deps) >= MaxDeps {
		return
	}
	d.File = f.Path
	d.Name = Normalise(d.Name)
	f.Deps = append(f.Deps, d)
}

// requirement is the form of PEP 508: name[extras] specifiers ; marker, or name @ url.
var requirement = regexp.MustCompile(`^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(@?)\s*\(?([^;)]*)\)?\s*(?:;(.*))?$`)

// maxRequirement bounds a line: a longer one is no requirement.
const maxRequirement = 2_000

// addRequirement adds what a text in PEP 508's form asks for; false when it is no such text.
func (f *File) addRequirement(text string, line int, dev bool) bool {
	if len(text) > maxRequirement {
		return false
	}
	m := requirement.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	d := Dep{Name: m[1], Line: line, Marker: strings.TrimSpace(m[4]), Dev: dev}
	if m[2] == "@" {
		d.Direct = true
	} else {
		d.Spec = strings.TrimSpace(m[3])
		if d.Spec != "" && !strings.ContainsAny(d.Spec[:1], "=<>!~") {
			return false // prose
		}
		d.Version = exact(d.Spec)
	}
	f.add(d)
	return true
}

// exact is the version of "==1.2.3" and "===1.2.3"; "" when the text allows several.
func exact(spec string) string {
	v, ok := strings.CutPrefix(spec, "==")
	if !ok || strings.ContainsAny(v, ",*") {
		return ""
	}
	return strings.TrimSpace(strings.TrimPrefix(v, "="))
}

// Set is what all files of a tree say together.
type Set struct {
	Files []*File
}

// Find lists what the files say of a package, locks first; development files come last.
func (s *Set) Find(name string) []Dep {
	var out []Dep
	for _, f := range s.Files {
		for _, d := range f.Deps {
			if d.Name == name {
				out = append(out, d)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Dep) int { return weight(a) - weight(b) })
	return out
}

func weight(d Dep) int {
	w := 0
	if d.Dev {
		w += 4
	}
	if !d.Lock {
		w += 2
	}
	if d.Version == "" {
		w++
	}
	return w
}

// Locked is the version of a package that production gets, from a lock or a pin; false when the files leave it open.
func (s *Set) Locked(name string) (Dep, bool) {
	for _, d := range s.Find(name) {
		if d.Version != "" && !d.Dev {
			return d, true
		}
	}
	return Dep{}, false
}

// Uses reports whether any file asks for a package.
func (s *Set) Uses(name string) bool { return len(s.Find(name)) > 0 }

// HasLock reports whether the tree has a lock file, or requirements with a hash on every line.
func (s *Set) HasLock() bool {
	for _, f := range s.Files {
		if f.Lock && len(f.Deps) > 0 {
			return true
		}
	}
	return false
}
