package rule

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"stopper/internal/finding"
)

// front is the front matter as TOML has it.
type front struct {
	ID     string       `toml:"id"`
	Title  string       `toml:"title"`
	Spec   string       `toml:"spec"`
	OWASP  string       `toml:"owasp"`
	Fix    string       `toml:"fix"`
	Since  string       `toml:"since"`
	Checks []frontCheck `toml:"checks"`
}

type frontCheck struct {
	Slug     string   `toml:"slug"`
	Title    string   `toml:"title"`
	CWE      int      `toml:"cwe"`
	Severity string   `toml:"severity"`
	Range    []string `toml:"range"`
	Kinds    []string `toml:"kinds"`
	Message  string   `toml:"message"`
}

const fence = "+++"

// ParseMeta reads a rule.md. The error lists everything that is wrong, one line each.
func ParseMeta(page []byte) (*Meta, error) {
	head, body, bodyLine, err := split(page)
	if err != nil {
		return nil, err
	}
	var f front
	dec := toml.NewDecoder(bytes.NewReader(head)).DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("front matter: %w", explainTOML(err))
	}
	m, problems := f.meta()
	b := &bodyReader{meta: m}
	b.read(body, bodyLine)
	problems = append(problems, b.problems...)
	problems = append(problems, m.incomplete()...)
	if len(problems) > 0 {
		return nil, errors.New(strings.Join(problems, "\n"))
	}
	return m, nil
}

// split separates the front matter from the prose; bodyLine is the prose's first line.
func split(page []byte) (head []byte, body string, bodyLine int, err error) {
	text := strings.ReplaceAll(string(page), "\r\n", "\n")
	lines := strings.Split(text, "\n")
	if strings.TrimRight(lines[0], " ") != fence {
		return nil, "", 0, fmt.Errorf("line 1: the page must start with %s, the front matter's first line", fence)
	}
	end := slices.IndexFunc(lines[1:], func(l string) bool { return strings.TrimRight(l, " ") == fence })
	if end < 0 {
		return nil, "", 0, fmt.Errorf("the front matter is not closed by a line %s", fence)
	}
	end++
	return []byte(strings.Join(lines[1:end], "\n")), strings.Join(lines[end+1:], "\n"), end + 2, nil
}

func explainTOML(err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		var keys []string
		for _, e := range strict.Errors {
			row, _ := e.Position()
			keys = append(keys, fmt.Sprintf("line %d: unknown key %q", row+1, strings.Join(e.Key(), ".")))
		}
		return errors.New(strings.Join(keys, "; "))
	}
	var dec *toml.DecodeError
	if errors.As(err, &dec) {
		row, _ := dec.Position()
		return fmt.Errorf("line %d: %w", row+1, err)
	}
	return err
}

var (
	idPattern    = regexp.MustCompile(`^FLASK-[A-Z0-9]+-[0-9]{3}$`)
	slugPattern  = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	owaspPattern = regexp.MustCompile(`^A[0-9]{2}:20[0-9]{2} \S`)
)

func (f front) meta() (*Meta, []string) {
	var bad problems
	bad.unless(idPattern.MatchString(f.ID), "id %q must look like FLASK-XSS-001", f.ID)
	bad.unless(f.Title != "", "title is missing")
	bad.unless(f.Spec != "", `spec is missing: the clause of the spec, or "extension"`)
	bad.unless(owaspPattern.MatchString(f.OWASP), `owasp %q must look like "A03:2021 Injection"`, f.OWASP)
	bad.unless(f.Since != "", "since is missing: the version that brings the rule")
	level := FixLevel(f.Fix)
	bad.unless(level == FixSafe || level == FixSuggested || level == FixManual, "fix %q must be safe, suggested or manual", f.Fix)
	bad.unless(len(f.Checks) > 0, "a rule needs at least one [[checks]]")
	m := &Meta{ID: f.ID, Title: f.Title, Spec: f.Spec, OWASP: f.OWASP, Fix: level, Since: f.Since, sections: map[string]section{}}
	for i, c := range f.Checks {
		check := c.check(&bad, i)
		bad.unless(m.Check(check.Slug) == nil, "check %q appears twice", check.Slug)
		m.Checks = append(m.Checks, check)
	}
	return m, bad
}

func (c frontCheck) check(bad *problems, i int) Check {
	name := c.Slug
	if name == "" {
		name = fmt.Sprintf("number %d", i+1)
	}
	bad.unless(slugPattern.MatchString(c.Slug), "check %s: slug %q must be lower-case words joined by -", name, c.Slug)
	bad.unless(c.Title != "", "check %s: title is missing", name)
	bad.unless(c.CWE > 0, "check %s: cwe is missing", name)
	bad.unless(c.Message != "" && !strings.Contains(c.Message, "\n"), "check %s: message must be one line", name)
	out := Check{Slug: c.Slug, Title: c.Title, CWE: c.CWE, Kinds: c.Kinds, Message: c.Message}
	out.Severity = bad.severity(name, c.Severity)
	out.Lowest, out.Highest = out.Severity, out.Severity
	switch len(c.Range) {
	case 0:
	case 2:
		out.Lowest, out.Highest = bad.severity(name, c.Range[0]), bad.severity(name, c.Range[1])
		bad.unless(out.Lowest <= out.Severity && out.Severity <= out.Highest, "check %s: range must be [lowest, highest] around the severity", name)
	default:
		bad.unless(false, "check %s: range must be [lowest, highest]", name)
	}
	return out
}

// problems collects what is wrong with a page.
type problems []string

func (p *problems) unless(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

func (p *problems) severity(check, name string) finding.Severity {
	s, err := finding.ParseSeverity(name)
	p.unless(err == nil && name == s.String(), "check %s: severity %q must be Critical, High, Medium or Low", check, name)
	return s
}

// bodyReader cuts the prose into sections.
type bodyReader struct {
	meta     *Meta
	problems problems

	section string
	check   string
	text    []string
	last    int // index of the last section seen, to hold them in order
}

func (b *bodyReader) read(body string, firstLine int) {
	b.last = -1
	inCode := false
	for i, line := range strings.Split(body, "\n") {
		if strings.HasPrefix(line, "```") {
			inCode = !inCode
		}
		switch {
		case inCode:
			b.text = append(b.text, line)
		case strings.HasPrefix(line, "## "):
			b.flush()
			b.open(strings.TrimSpace(line[3:]), firstLine+i)
		case strings.HasPrefix(line, "### check:"):
			b.flush()
			b.openCheck(strings.TrimSpace(line[len("### check:"):]), firstLine+i)
		default:
			b.text = append(b.text, line)
		}
	}
	b.problems.unless(!inCode, "a ``` block is not closed")
	b.flush()
}

func (b *bodyReader) open(title string, line int) {
	b.section, b.check = title, ""
	i := slices.Index(Sections(), Section(title))
	b.problems.unless(i >= 0, "line %d: unknown section %q: use %s", line, title, sectionNames())
	_, twice := b.meta.sections[title]
	b.problems.unless(!twice, "line %d: section %q appears twice", line, title)
	b.problems.unless(i < 0 || i > b.last || twice, "line %d: section %q stands too late: the order is %s", line, title, sectionNames())
	b.last = max(b.last, i)
	b.meta.sections[title] = section{byCheck: map[string]string{}}
}

func (b *bodyReader) openCheck(slug string, line int) {
	b.check = slug
	b.problems.unless(b.section != "", "line %d: ### check: %s stands before any section", line, slug)
	b.problems.unless(b.meta.Check(slug) != nil, "line %d: the front matter has no check %q", line, slug)
	_, twice := b.meta.sections[b.section].byCheck[slug]
	b.problems.unless(!twice, "line %d: %q has two texts for check %s", line, b.section, slug)
}

func (b *bodyReader) flush() {
	text := strings.Trim(strings.Join(b.text, "\n"), "\n")
	b.text = nil
	switch sec := b.meta.sections[b.section]; {
	case b.section == "":
		b.meta.Intro = text
	case b.check != "":
		sec.byCheck[b.check] = text
	default:
		sec.general = text
		b.meta.sections[b.section] = sec
	}
}

func sectionNames() string {
	var names []string
	for _, s := range Sections() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// incomplete lists what a page still needs once it is read.
func (m *Meta) incomplete() []string {
	var bad problems
	for _, s := range Sections() {
		sec, ok := m.sections[string(s)]
		bad.unless(ok, "section %q is missing", s)
		if !ok || s == References && sec.general != "" {
			continue
		}
		for _, c := range m.Checks {
			bad.unless(m.Text(s, c.Slug) != "", "section %q has no text for check %s", s, c.Slug)
		}
	}
	for _, s := range []Section{Bad, Good} {
		bad.unless(len(m.Examples(s)) > 0, "section %q has no ```python block", s)
	}
	return bad
}
