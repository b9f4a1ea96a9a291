package text

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"stopper/internal/report/result"
)

// Bounds of the columns, and of the code behind them: what is longer pushes its own line only.
const (
	maxKey   = 36
	maxValue = 24
	maxShown = 60
	maxCode  = 72
)

// configTable is what is gathered while the keys are written.
type configTable struct {
	*printer
	key, value int                    // widths
	outside    []result.SettingSource // loads whose content is not in the tree
	elsewhere  int                    // assignments for development and tests
	set, unset int
}

// WriteConfig writes the configuration that production gets: first the keys that decide over security, then the others that
// the application sets. One line has key, value and place; below stand what it replaces and what may replace it.
func WriteConfig(w io.Writer, r *result.Result, o Options) error {
	t := &configTable{printer: newPrinter(w, o)}
	var security, other []result.Setting
	for _, s := range r.Settings {
		t.note(s)
		winner, fromDefault := winnerOf(s)
		switch {
		case len(s.Chain) > 0 && strings.HasPrefix(s.Chain[0].How, "default of "):
			security = append(security, s)
		case fromDefault:
			continue // set for development or tests only
		default:
			other = append(other, s)
		}
		if fromDefault {
			t.unset++
		} else {
			t.set++
		}
		t.key = max(t.key, min(width(result.Name(s.Key)), maxKey))
		t.value = max(t.value, min(width(shownValue(s, winner)), maxValue))
	}
	t.section("Keys that decide over security", security)
	t.section("Other keys", other)
	t.loads(r)
	t.counts()
	return t.w.Flush()
}

func width(s string) int { return utf8.RuneCountInString(s) }

// note counts what is told at the end, once for all keys.
func (t *configTable) note(s result.Setting) {
	for _, c := range s.Chain {
		switch {
		case c.State == "not for production":
			t.elsewhere++
		case isOutside(c) && !slices.ContainsFunc(t.outside, func(x result.SettingSource) bool { return x.File == c.File && x.Line == c.Line }):
			t.outside = append(t.outside, c)
		}
	}
}

// isOutside: a load that may set any key.
func isOutside(c result.SettingSource) bool { return c.Text == "" && c.State == "may replace it" }

// winnerOf is the source that counts, and whether that is the default.
func winnerOf(s result.Setting) (result.SettingSource, bool) {
	for i, c := range s.Chain {
		if c.State == "counts" {
			return c, i == 0
		}
	}
	return result.SettingSource{}, true
}

func shownValue(s result.Setting, winner result.SettingSource) string {
	switch {
	case s.Value != "":
		return clip(result.Name(s.Value), maxShown)
	case winner.Text == "" || winner.Text == s.Value:
		return "not known"
	}
	return "computed"
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func (t *configTable) section(title string, all []result.Setting) {
	if len(all) == 0 {
		return
	}
	t.line(paint(t.s.bold, title))
	for _, s := range all {
		t.setting(s)
	}
	t.line("")
}

func (t *configTable) setting(s result.Setting) {
	winner, fromDefault := winnerOf(s)
	value := shownValue(s, winner)
	key, tail := result.Name(s.Key), t.tail(s, winner, fromDefault)
	if tail == "" {
		t.line("  ", paint(t.s.id, pad(key, t.key)), "  ", value)
	} else {
		t.line("  ", paint(t.s.id, pad(key, t.key)), "  ", pad(value, t.value), "  ", tail)
	}
	if fromDefault {
		return
	}
	told := []string{place(winner)}
	for i := len(s.Chain) - 1; i > 0; i-- { // the nearest first
		c := s.Chain[i]
		if at := place(c); c.State == "counts" || c.State == "not for production" || isOutside(c) || slices.Contains(told, at) {
			continue
		} else {
			told = append(told, at)
		}
		verb := "replaces"
		if c.State != "replaced" {
			verb = "may be replaced by"
		}
		t.line(pad("", t.key+4), paint(t.s.faint, verb), " ", clip(result.Name(c.Text), maxCode), "  ", setAt(t, c))
	}
}

// tail is what stands behind the value: the place, how the key is set, the code of a value that is not known, and on what
// it depends.
func (t *configTable) tail(s result.Setting, winner result.SettingSource, fromDefault bool) string {
	var parts []string
	if fromDefault {
		parts = append(parts, paint(t.s.faint, "default"))
	} else {
		parts = append(parts, setAt(t, winner))
	}
	code := ""
	if !fromDefault && s.Value == "" {
		code = clip(result.Name(winner.Text), maxCode)
	}
	if code != "" {
		parts = append(parts, code)
	}
	if n := dependsOn(s, t.outside, code); n != "" {
		parts = append(parts, paint(t.s.faint, n))
	}
	if s.Ignored != "" {
		parts = append(parts, paint(t.s.medium, "version "+result.Name(s.Ignored)+" does not read it"))
	}
	return strings.Join(parts, "  ")
}

// dependsOn says what may change the value, unless that is told at the end for all keys, or the code says it.
func dependsOn(s result.Setting, outside []result.SettingSource, code string) string {
	if s.On == "" || s.Answer == "not visible" || slices.ContainsFunc(outside, func(c result.SettingSource) bool { return strings.HasSuffix(c.How, ": "+s.On) }) {
		return ""
	}
	on := result.Name(s.On)
	variable, isEnv := strings.CutPrefix(on, "the environment variable ")
	switch {
	case !isEnv:
		return "depends on " + on
	case strings.Contains(code, variable):
		return ""
	case s.Value == "":
		return "from " + on
	}
	return "unless " + on + " is set"
}

func setAt(t *configTable, c result.SettingSource) string {
	return paint(t.s.path, place(c)) + " " + paint(t.s.faint, "("+result.Name(c.How)+")")
}

func place(c result.SettingSource) string {
	switch {
	case c.File == "":
		return ""
	case c.Line == 0:
		return result.Name(c.File)
	}
	return fmt.Sprintf("%s:%d", result.Name(c.File), c.Line)
}

// loads lists what may set any key and is not in the tree.
func (t *configTable) loads(r *result.Result) {
	if len(t.outside) == 0 {
		return
	}
	t.line(paint(t.s.bold, "Not in the tree, and may set or replace any key"))
	for _, c := range t.outside {
		how, what, _ := strings.Cut(c.How, ": ")
		what = strings.ReplaceAll(what, "_"+r.Settings[0].Key, "_…")
		t.line("  ", result.Name(what), "  ", paint(t.s.path, place(c)), " ", paint(t.s.faint, "("+result.Name(how)+")"))
	}
	t.line("")
}

func (t *configTable) counts() {
	line := result.Plural(t.set, "key is set", "keys are set") + ", " + result.Plural(t.unset, "has its default", "have their defaults")
	if t.elsewhere > 0 {
		line += "; " + result.Plural(t.elsewhere, "assignment for development or tests is", "assignments for development or tests are") + " left out (--format json has them)"
	}
	t.line(line)
}
