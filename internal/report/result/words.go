package result

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Clean makes text from the audited tree harmless for whoever looks at it: what could move a cursor, change colours, start
// a line or reorder text is shown as an escape. The result is one line of valid UTF-8.
func Clean(s string) string {
	if !strings.ContainsFunc(s, unsafe) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "�") {
		switch {
		case r == '\t':
			b.WriteString("    ")
		case r == '\n':
			b.WriteString(`\n`)
		case unsafe(r):
			b.WriteString(escape(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unsafe(r rune) bool { return r == '\n' || Hostile(r) }

func escape(r rune) string {
	const hex = "0123456789abcdef"
	if r < 0x100 {
		return `\x` + string(hex[r>>4]) + string(hex[r&15])
	}
	return `\u` + string([]byte{hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15]})
}

// Clip keeps the first n code points of a text.
func Clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// The bounds of texts that hold words of the audited tree: a name of a megabyte is no information.
const (
	MaxName      = 200
	MaxMessage   = 400
	MaxParagraph = 2000
)

// Name cleans and bounds what the audited tree calls something.
func Name(s string) string { return Clip(Clean(s), MaxName) }

// Plural is a count with its noun: "1 route", "4,120 lines".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// Number writes 4120 as 4,120.
func Number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// classNames are the classes of files in the order of a summary, with their names in the singular and plural.
func classNames() [][3]string {
	return [][3]string{
		{"python", "Python file", "Python files"},
		{"test", "test file (entered only from the application)", "test files (entered only from the application)"},
		{"template", "template", "templates"},
		{"dockerfile", "Dockerfile", "Dockerfiles"},
		{"compose", "compose file", "compose files"},
		{"nginx", "nginx file", "nginx files"},
		{"procfile", "Procfile", "Procfiles"},
		{"systemd", "systemd unit", "systemd units"},
		{"supervisor", "supervisor file", "supervisor files"},
		{"k8s", "Kubernetes file", "Kubernetes files"},
		{"shell", "shell script", "shell scripts"},
		{"env", "environment file", "environment files"},
		{"ci", "CI file", "CI files"},
		{"requirements", "requirements file", "requirements files"},
		{"lock", "lock file", "lock files"},
		{"config", "configuration file", "configuration files"},
	}
}

// Files names the files that were looked at by class, code first: "15 Python files, 1 Dockerfile".
func (c *Coverage) Files() []string {
	var out, known []string
	for _, n := range classNames() {
		known = append(known, n[0])
		if count := c.FilesByClass[n[0]]; count > 0 {
			out = append(out, Plural(count, n[1], n[2]))
		}
	}
	var rest []string
	for class, count := range c.FilesByClass {
		if count > 0 && !slices.Contains(known, class) {
			rest = append(rest, Plural(count, Name(class)+" file", Name(class)+" files"))
		}
	}
	slices.Sort(rest)
	return append(out, rest...)
}

// Places is a gap or syntax error as one line: "a.py:3 expected ':'".
func Places(path string, line int, what string) string {
	if line > 0 {
		path += ":" + strconv.Itoa(line)
	}
	return path + " (" + what + ")"
}

// Gap is one kind of thing that was not, or not wholly, analysed.
type Gap struct {
	Title   string
	Entries []string // not cleaned
}

// Gaps lists them for a summary; kinds without an entry are left out. Faults of ours are not among them: Incomplete has those.
func (c *Coverage) Gaps() []Gap {
	gaps := []Gap{
		{Title: "Syntax errors"}, {Title: "Not read"}, {Title: "Not understood"},
		{Title: "Not resolved", Entries: c.Unresolved},
		{Title: "Limits reached, behind which findings may be missing or less exact", Entries: c.Budgets},
	}
	for _, e := range c.ParseErrors {
		what := e.Message
		if e.WholeFile {
			what += "; whole file not analysed"
		}
		gaps[0].Entries = append(gaps[0].Entries, Places(e.Path, e.Line, what))
	}
	for _, s := range c.Skipped {
		i := 1
		if s.Line > 0 {
			i = 2
		}
		gaps[i].Entries = append(gaps[i].Entries, Places(s.Path, s.Line, s.Reason))
	}
	return slices.DeleteFunc(gaps, func(g Gap) bool { return len(g.Entries) == 0 })
}
