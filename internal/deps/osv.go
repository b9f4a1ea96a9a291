package deps

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"stopper/internal/vfs"
)

// What a folder of records may cost. The whole of a public database is far below all of these.
const (
	maxRecord  = 4 << 20   // bytes of one file
	maxFolders = 16        // depth
	maxRecords = 1_000_000 // files looked at
	maxEvents  = 5_000     // of one record, and versions that it lists
	maxKept    = 50_000    // records about packages of the tree
	maxWords   = 160       // of a summary
)

// Records is what a folder of OSV records says of the packages of a tree.
type Records struct {
	Advisories []Advisory
	Withdrawn  []string // ids of records that were taken back
	Read       int      // how many records there are, whatever package they speak of
	Newest     string   // the latest day on which one of them was changed
	// Problems are the files that are no records, Limit what stopped the reading before the end.
	Problems []Problem
	Limit    string
}

// Problem is one file that could not be used.
type Problem struct{ Path, Message string }

// ErrNoRecords: the folder holds nothing to read.
var ErrNoRecords = errors.New("there is no OSV record (*.json) in it")

// ReadOSV reads every *.json below a folder, in the order of names, and keeps what concerns the packages that are wanted. A
// file that is no sound record is a problem, and the others still count.
func ReadOSV(fsys vfs.FS, wanted func(name string) bool) (*Records, error) {
	r := &Records{}
	if err := r.folder(fsys, ".", 0, wanted); err != nil {
		return nil, err
	}
	if r.Read == 0 && len(r.Problems) == 0 {
		return nil, ErrNoRecords
	}
	return r, nil
}

func (r *Records) folder(fsys vfs.FS, dir string, depth int, wanted func(string) bool) error {
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		if depth == 0 {
			return fmt.Errorf("read OSV records: %w", err)
		}
		r.problem(dir, err)
		return nil
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name)
		switch {
		case r.Limit != "":
			return nil
		case e.Kind == vfs.KindDir && !strings.HasPrefix(e.Name, "."):
			if depth >= maxFolders {
				r.problem(name, errors.New("the folders are nested too deeply"))
				continue
			}
			if err := r.folder(fsys, name, depth+1, wanted); err != nil {
				return err
			}
		case e.Kind == vfs.KindFile && strings.HasSuffix(strings.ToLower(e.Name), ".json"):
			r.file(fsys, name, wanted)
		}
	}
	return nil
}

func (r *Records) file(fsys vfs.FS, name string, wanted func(string) bool) {
	text, err := fsys.ReadFile(name, maxRecord)
	if err != nil {
		r.problem(name, err)
		return
	}
	if r.Read++; r.Read >= maxRecords {
		r.Limit = fmt.Sprintf("the limit of %d records was reached", maxRecords)
	}
	if !bytes.Contains(text, []byte("PyPI")) && bytes.Contains(text, []byte(`"affected"`)) {
		return // a record of another ecosystem, of which a whole database has many
	}
	if err := r.record(text, wanted); err != nil {
		r.Read--
		r.problem(name, err)
	}
	if len(r.Advisories) >= maxKept {
		r.Limit = fmt.Sprintf("the limit of %d records about packages of the tree was reached", maxKept)
	}
}

func (r *Records) problem(name string, err error) {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	r.Problems = append(r.Problems, Problem{name, err.Error()})
}

// osvRecord is the part of the schema that is read: https://ossf.github.io/osv-schema/
type osvRecord struct {
	ID         string
	Aliases    []string
	Modified   string
	Published  string
	Withdrawn  string
	Summary    string
	Details    string
	Severity   []osvSeverity
	Affected   []osvAffected
	References []struct{ Type, URL string }
	Specific   any `json:"database_specific"`
}

type osvSeverity struct{ Type, Score string }

type osvAffected struct {
	Package  struct{ Ecosystem, Name string }
	Severity []osvSeverity
	Ranges   []struct {
		Type   string
		Events []osvEvent
	}
	Versions []string
	Specific any `json:"ecosystem_specific"`
}

type osvEvent struct {
	Introduced, Fixed string
	Last              string `json:"last_affected"`
	Limit             string
}

var (
	errNoRecord = errors.New("it is no OSV record: it has no id, or nothing that is affected")
	errTooMuch  = fmt.Errorf("it lists more than %d versions", maxEvents)
)

func (r *Records) record(text []byte, wanted func(string) bool) error {
	var o osvRecord
	if err := json.Unmarshal(text, &o); err != nil {
		return fmt.Errorf("it is no OSV record: %w", err)
	}
	if o.ID == "" || len(o.ID) > maxVersion || len(o.Affected) == 0 && o.Withdrawn == "" {
		return errNoRecord
	}
	if n := o.events(); n > maxEvents {
		return errTooMuch
	}
	if day := dayOf(o.Modified); day > r.Newest {
		r.Newest = day
	}
	if o.Withdrawn != "" {
		r.Withdrawn = append(r.Withdrawn, o.ID)
		return nil
	}
	byName := map[string]*Advisory{}
	var names []string
	for i := range o.Affected {
		af := &o.Affected[i]
		name := Normalise(af.Package.Name)
		if eco, _, _ := strings.Cut(af.Package.Ecosystem, ":"); eco != "PyPI" || !wanted(name) {
			continue
		}
		a := byName[name]
		if a == nil {
			a = o.advisory(name)
			byName[name] = a
			names = append(names, name)
		}
		af.addTo(a)
	}
	for _, name := range names {
		if a := byName[name]; len(a.Ranges)+len(a.Versions) > 0 {
			r.Advisories = append(r.Advisories, *a)
		}
	}
	return nil
}

// events counts what comparing versions will cost.
func (o *osvRecord) events() int {
	n := len(o.Aliases) + len(o.Affected)
	for i := range o.Affected {
		n += len(o.Affected[i].Versions)
		for _, g := range o.Affected[i].Ranges {
			n += 1 + len(g.Events)
		}
	}
	return n
}

// advisory is what a record says of all versions of a package.
func (o *osvRecord) advisory(name string) *Advisory {
	a := &Advisory{ID: o.ID, Aliases: o.Aliases, Package: name, Summary: summary(o), Published: dayOf(o.Published), Severity: rating(o.Severity)}
	if word := wordOf(o.Specific); word != "" {
		a.Severity = word
	}
	for _, ref := range o.References {
		if ref.Type == "ADVISORY" || a.Reference == "" {
			a.Reference = ref.URL
		}
	}
	return a
}

// addTo adds the versions of one entry, and its own rating where the record has none.
func (af *osvAffected) addTo(a *Advisory) {
	for _, g := range af.Ranges {
		if g.Type == "ECOSYSTEM" || g.Type == "SEMVER" {
			a.Ranges = append(a.Ranges, spans(g.Events)...)
		}
	}
	a.Versions = append(a.Versions, af.Versions...)
	if a.Severity == "" {
		if a.Severity = wordOf(af.Specific); a.Severity == "" {
			a.Severity = rating(af.Severity)
		}
	}
}

// spans pairs the events of a range: each introduction with the end that follows it in the order of versions. An event
// that is no version is left out, and the span it would have ended stays open.
func spans(events []osvEvent) []Range {
	type step struct {
		version string
		Range
	}
	var steps []step
	for _, e := range events {
		for _, s := range [...]step{
			{e.Introduced, Range{Introduced: e.Introduced}}, {e.Fixed, Range{Fixed: e.Fixed}}, {e.Last, Range{Last: e.Last}}, {e.Limit, Range{Limit: e.Limit}},
		} {
			if _, ok := Compare(s.version, "0"); ok {
				steps = append(steps, s)
			}
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int {
		if c, _ := Compare(a.version, b.version); c != 0 {
			return c
		}
		return b.weight() - a.weight()
	})
	var out []Range
	isOpen := false
	for _, s := range steps {
		switch {
		case s.Introduced != "" && !isOpen:
			out = append(out, s.Range)
			isOpen = true
		case s.Introduced == "" && isOpen:
			last := &out[len(out)-1]
			last.Fixed, last.Last, last.Limit = s.Fixed, s.Last, s.Limit
			isOpen = false
		}
	}
	return out
}

// weight orders events of one version: what ends a span before it, what begins one, what ends one after it.
func (r Range) weight() int {
	switch {
	case r.Last != "":
		return 0
	case r.Introduced != "":
		return 1
	}
	return 2
}

// wordOf is the rating that a database adds as a word.
func wordOf(specific any) string {
	m, _ := specific.(map[string]any)
	word, _ := m["severity"].(string)
	word = strings.ToUpper(strings.TrimSpace(word))
	if word == "MODERATE" {
		word = "MEDIUM"
	}
	if slices.Contains(Grades[:], word) {
		return word
	}
	return ""
}

// dayOf is the date of a timestamp.
func dayOf(stamp string) string {
	if len(stamp) < len("2006-01-02") || strings.ContainsFunc(stamp[:10], func(r rune) bool { return r != '-' && (r < '0' || r > '9') }) {
		return ""
	}
	return stamp[:10]
}

// summary is one line on what is wrong: the record's own, else the first line of its details.
func summary(o *osvRecord) string {
	text := o.Summary
	if strings.TrimSpace(text) == "" {
		text, _, _ = strings.Cut(strings.TrimLeft(o.Details[:min(len(o.Details), 10*maxWords)], "#\n\r\t "), "\n")
	}
	if len(text) > 10*maxWords {
		text = text[:10*maxWords]
	}
	text = strings.ToValidUTF8(text, "")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if r := []rune(text); len(r) > maxWords {
		text = string(r[:maxWords-1]) + "…"
	}
	if text == "" {
		return "the record has no summary"
	}
	return text
}
