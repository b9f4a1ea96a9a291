// Package config reads a project's own options: stopper.toml, or [tool.stopper] in pyproject.toml.
//
// In goes a file system, out come typed options. The file comes from the audited tree and is as untrusted as the rest of
// it: an option can narrow what is reported, and can name nothing outside the tree. A key we do not know is an error,
// because a misspelt "exlude" would silently report what its author meant to hide, or the reverse.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"stopper/internal/vfs"
)

// maxFile is far above any real file, and keeps a hostile one from costing time.
const maxFile = 1 << 20

// maxNesting stays below what a recursive TOML reader can take; our options nest two levels.
const maxNesting = 64

// Options are what a project may set. Empty means: not set, take the default.
type Options struct {
	FailOn        string   `toml:"fail_on"`        // critical, high, medium, low, none
	MinConfidence string   `toml:"min_confidence"` // high, medium, low
	Only          []string `toml:"only"`           // rule ids, or RULE/check
	Exclude       []string `toml:"exclude"`        // rule ids, or RULE/check
	ExcludePaths  []string `toml:"exclude_paths"`  // patterns as in .gitignore

	Severity map[string]string `toml:"severity"` // rule id or RULE/check → critical, high, medium, low
	Paths    []PathOptions     `toml:"paths"`    // for some paths only; later ones win

	File string `toml:"-"` // where they were read; "" when the tree has none
	text string // for the lines of errors
}

// PathOptions are options for the files that Match, patterns as in .gitignore.
type PathOptions struct {
	Match    []string          `toml:"match"`
	Exclude  []string          `toml:"exclude"`
	Severity map[string]string `toml:"severity"`
}

// Resolve replaces every rule id, or RULE/check, by what find makes of it; this package knows no rules. find's error is
// returned as one about the file.
func (o *Options) Resolve(find func(id string) (string, error)) error {
	lists := [][]string{o.Only, o.Exclude}
	tables := []map[string]string{o.Severity}
	for _, p := range o.Paths {
		lists, tables = append(lists, p.Exclude), append(tables, p.Severity)
	}
	for _, list := range lists {
		for i, id := range list {
			known, err := find(id)
			if err != nil {
				return o.fail(id, "%w", err)
			}
			list[i] = known
		}
	}
	for _, table := range tables {
		for _, id := range slices.Sorted(maps.Keys(table)) {
			known, err := find(id)
			if err != nil {
				return o.fail(id, "%w", err)
			}
			level := table[id]
			delete(table, id)
			table[known] = level
		}
	}
	return nil
}

// Error is one thing wrong in a configuration file. Line is 0 when it concerns the whole file.
type Error struct {
	File string
	Line int
	Err  error
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Err.Error()
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Load reads stopper.toml, or else pyproject.toml. No file, or a pyproject.toml without our table, gives empty options.
func Load(fsys vfs.FS) (Options, error) {
	for _, name := range []string{"stopper.toml", "pyproject.toml"} {
		text, err := fsys.ReadFile(name, maxFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			if name == "pyproject.toml" {
				continue // the walk lists it; it need not be ours
			}
			return Options{}, fmt.Errorf("read configuration: %w", err)
		}
		opts, err := Parse(name, text)
		if err != nil || opts.File != "" {
			return opts, err
		}
	}
	return Options{}, nil
}

// Parse reads one file; a name ending in pyproject.toml keeps the options in [tool.stopper].
func Parse(name string, text []byte) (Options, error) {
	if strings.HasSuffix(name, "pyproject.toml") && !strings.Contains(string(text), "stopper") {
		return Options{}, nil // nothing of ours
	}
	if line := tooDeep(text); line > 0 {
		return Options{}, &Error{name, line, fmt.Errorf("nested more than %d levels deep", maxNesting)}
	}
	var opts Options
	var err error
	if strings.HasSuffix(name, "pyproject.toml") {
		opts, err = parsePyproject(name, text)
	} else {
		err = strict(name, text, &opts, nil)
		opts.File = name
	}
	if err != nil {
		return Options{}, err
	}
	opts.text = string(text)
	return opts, opts.validate()
}

func parsePyproject(name string, text []byte) (Options, error) {
	var doc struct {
		Tool struct {
			Stopper *Options `toml:"stopper"`
		} `toml:"tool"`
	}
	if err := strict(name, text, &doc, []string{"tool", "stopper"}); err != nil || doc.Tool.Stopper == nil {
		return Options{}, err
	}
	doc.Tool.Stopper.File = name
	return *doc.Tool.Stopper, nil
}

// strict decodes and complains about unknown keys below a prefix; other tools' tables are theirs.
func strict(name string, text []byte, into any, prefix []string) error {
	d := toml.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		return nil
	}
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) {
		for i := range missing.Errors {
			key := []string(missing.Errors[i].Key())
			if len(key) > len(prefix) && slices.Equal(key[:len(prefix)], prefix) {
				line, _ := missing.Errors[i].Position()
				return &Error{name, line, unknownKey(key[len(prefix):])}
			}
		}
		return nil
	}
	var syntax *toml.DecodeError
	if errors.As(err, &syntax) {
		line, _ := syntax.Position()
		return &Error{name, line, errors.New(strings.TrimPrefix(syntax.Error(), "toml: "))}
	}
	return &Error{name, 0, errors.New(strings.TrimPrefix(err.Error(), "toml: "))}
}

// unknownKey answers with the nearest option of the same table.
func unknownKey(key []string) error {
	known := []string{"fail_on", "min_confidence", "only", "exclude", "exclude_paths", "severity", "paths"}
	if len(key) > 1 && key[0] == "paths" {
		key, known = key[1:], []string{"match", "exclude", "severity"}
	}
	if best := Nearest(key[0], known); best != "" {
		return fmt.Errorf("unknown option %q; did you mean %q?", clip(key[0]), best)
	}
	return fmt.Errorf("unknown option %q; the options are %s", clip(key[0]), strings.Join(known, ", "))
}

func (o *Options) validate() error {
	if levels := []string{"", "critical", "high", "medium", "low", "none"}; !slices.Contains(levels, o.FailOn) {
		return o.fail("fail_on", "fail_on = %q: write one of %s", clip(o.FailOn), strings.Join(levels[1:], ", "))
	}
	if levels := []string{"", "high", "medium", "low"}; !slices.Contains(levels, o.MinConfidence) {
		return o.fail("min_confidence", "min_confidence = %q: write one of %s", clip(o.MinConfidence), strings.Join(levels[1:], ", "))
	}
	if err := o.validPatterns("exclude_paths", o.ExcludePaths); err != nil {
		return err
	}
	if err := o.validLevels(o.Severity); err != nil {
		return err
	}
	for _, p := range o.Paths {
		if len(p.Match) == 0 {
			return o.fail("[[paths]]", "[[paths]]: write match = [\"tests/\"], the files it is for")
		}
		if err := o.validPatterns("match", p.Match); err != nil {
			return err
		}
		if err := o.validLevels(p.Severity); err != nil {
			return err
		}
	}
	return nil
}

func (o *Options) validPatterns(key string, patterns []string) error {
	for _, p := range patterns {
		if slices.Contains(strings.Split(strings.ReplaceAll(p, `\`, "/"), "/"), "..") {
			return o.fail(key, "%s: %q leads out of the tree", key, clip(p))
		}
	}
	return nil
}

func (o *Options) validLevels(table map[string]string) error {
	levels := []string{"critical", "high", "medium", "low"}
	for _, id := range slices.Sorted(maps.Keys(table)) {
		if !slices.Contains(levels, table[id]) {
			return o.fail(id, "severity of %s = %q: write one of %s; to leave it out, name it in exclude", clip(id), clip(table[id]), strings.Join(levels, ", "))
		}
	}
	return nil
}

// fail makes an error about the first line that mentions a key or id.
func (o *Options) fail(mention, format string, args ...any) error {
	line := 0
	if before, _, ok := strings.Cut(o.text, mention); ok {
		line = strings.Count(before, "\n") + 1
	}
	return &Error{o.File, line, fmt.Errorf(format, args...)}
}

// tooDeep is the line on which brackets nest too deeply, or 0. Brackets inside strings count, which real files do not mind.
func tooDeep(text []byte) int {
	depth, line := 0, 1
	for _, c := range text {
		switch c {
		case '\n':
			line++
		case '[', '{':
			if depth++; depth > maxNesting {
				return line
			}
		case ']', '}':
			depth = max(0, depth-1)
		}
	}
	return 0
}

func clip(s string) string {
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}

// Nearest is the candidate that a misspelt word most likely means, or "": at most a third of its letters may differ.
func Nearest(word string, candidates []string) string {
	best, bestDist := "", len(word)/3+1
	if len(word) > 100 {
		return ""
	}
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < bestDist {
			best, bestDist = c, d
		}
	}
	return best
}

// distance is the number of edits (insert, delete, replace) between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diag
			if a[i] != b[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
