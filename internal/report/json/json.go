// Package json writes a result as JSON, schema stopper/audit/v1, and the routes alone as stopper/routes/v1.
//
// The field names below are the contract; schema/ describes them, and a test holds both together. The output depends on
// the result alone: durations are written only when asked for, so that the same tree gives the same bytes.
package json

import (
	"io"

	"stopper/internal/finding"
	"stopper/internal/report/result"
)

// The names of the schemas.
const (
	AuditSchema  = "stopper/audit/v1"
	RoutesSchema = "stopper/routes/v1"
)

type audit struct {
	Schema       string        `json:"schema"`
	Tool         tool          `json:"tool"`
	Root         string        `json:"root"`
	Findings     []one         `json:"findings"`
	Routes       []route       `json:"routes"`
	Coverage     coverage      `json:"coverage"`
	Suppressions []suppression `json:"suppressions"`
	Stats        *stats        `json:"stats"`
}

type tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type one struct {
	RuleID             string             `json:"ruleId"`
	Check              string             `json:"check"`
	ID                 string             `json:"id"`
	Title              string             `json:"title"`
	Severity           finding.Severity   `json:"severity"`
	Confidence         finding.Confidence `json:"confidence"`
	ConfidenceReasons  []string           `json:"confidenceReasons"`
	Verdict            finding.Verdict    `json:"verdict"`
	Settle             string             `json:"settle,omitempty"`
	CWE                int                `json:"cwe"`
	OWASP              string             `json:"owasp"`
	Message            string             `json:"message"`
	Location           *location          `json:"location"`
	Evidence           []line             `json:"evidence"`
	Impact             string             `json:"impact"`
	Fix                string             `json:"fix"`
	Mitigation         string             `json:"mitigation"`
	FalsePositiveNotes string             `json:"falsePositiveNotes"`
	Flow               []step             `json:"flow"`
	MoreFlows          [][]step           `json:"moreFlows"`
	OmittedFlows       int                `json:"omittedFlows,omitempty"`
	OmittedRoutes      int                `json:"omittedRoutes,omitempty"`
	Related            []step             `json:"related"`
	Routes             []string           `json:"routes"`
	Fingerprint        string             `json:"fingerprint"`
	Suppressed         *suppressed        `json:"suppressed,omitempty"`
}

// location has 1-based lines and columns in code points, the end exclusive; zero fields are left out.
type location struct {
	Path     string `json:"path"`
	Function string `json:"function,omitempty"`
	position
}

type position struct {
	Line      int `json:"line,omitempty"`
	Column    int `json:"column,omitempty"`
	EndLine   int `json:"endLine,omitempty"`
	EndColumn int `json:"endColumn,omitempty"`
}

type line struct {
	Line int    `json:"line"`
	Text string `json:"text"`
	Mark []int  `json:"mark,omitempty"`
}

type step struct {
	Path string `json:"path"`
	position
	Snippet string `json:"snippet,omitempty"`
	Note    string `json:"note,omitempty"`
}

type suppressed struct {
	Reason string `json:"reason"`
	Until  string `json:"until,omitempty"`
	Path   string `json:"path"`
	Line   int    `json:"line"`
}

type route struct {
	URL      *string  `json:"url"`
	Reason   string   `json:"reason,omitempty"`
	Methods  []string `json:"methods"`
	Endpoint string   `json:"endpoint"`
	Function string   `json:"function"`
	File     string   `json:"file"`
	Line     int      `json:"line"`

	Conditional bool     `json:"conditional,omitempty"`
	Host        string   `json:"host,omitempty"`
	Subdomain   string   `json:"subdomain,omitempty"`
	Library     bool     `json:"library,omitempty"`
	Decorators  []string `json:"decorators,omitempty"`
	Auth        string   `json:"auth,omitempty"`
	CSRF        string   `json:"csrf,omitempty"`
	Limit       string   `json:"limit,omitempty"`
	Inputs      []string `json:"inputs,omitempty"`
	Templates   []string `json:"templates,omitempty"`
	Cookies     []string `json:"cookies,omitempty"`

	ChangesState bool `json:"changes_state,omitempty"`
}

type coverage struct {
	FilesByClass   map[string]int `json:"filesByClass"`
	PythonLines    int            `json:"pythonLines"`
	Flask          bool           `json:"flask"`
	Skipped        []skip         `json:"skipped"`
	ParseErrors    []parseError   `json:"parseErrors"`
	Unresolved     []string       `json:"unresolved"`
	Budgets        []string       `json:"budgets"`
	Cut            []string       `json:"cut"`
	InternalErrors []string       `json:"internalErrors"`
	Configuration  []string       `json:"configuration"`
}

type skip struct {
	Path   string `json:"path"`
	Line   int    `json:"line,omitempty"`
	Reason string `json:"reason"`
}

type parseError struct {
	Path      string `json:"path"`
	Line      int    `json:"line"`
	Message   string `json:"message"`
	WholeFile bool   `json:"wholeFile,omitempty"`
}

type suppression struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	ID     string `json:"id"`
	Reason string `json:"reason"`
	Until  string `json:"until,omitempty"`
	Used   int    `json:"used"`
	Fault  string `json:"fault,omitempty"`
}

type stats struct {
	Milliseconds float64 `json:"milliseconds,omitempty"`
	Phases       []phase `json:"phases,omitempty"`
	Findings     counts  `json:"findings"`
}

type counts struct {
	Critical   int `json:"critical"`
	High       int `json:"high"`
	Medium     int `json:"medium"`
	Low        int `json:"low"`
	Suppressed int `json:"suppressed"`
}

type phase struct {
	Name         string  `json:"name"`
	Milliseconds float64 `json:"milliseconds"`
	Note         string  `json:"note,omitempty"`
}

// Options chooses what is written. The zero value writes every finding, without durations.
type Options struct {
	MinConfidence finding.Confidence
	Timings       bool
}

// Write writes the audit.
func Write(w io.Writer, r *result.Result, o Options) error {
	a := audit{
		Schema:       AuditSchema,
		Tool:         tool{r.Tool.Name, r.Tool.Version},
		Root:         r.Root,
		Findings:     []one{},
		Routes:       routes(r.Routes),
		Coverage:     toCoverage(r.Coverage),
		Suppressions: []suppression{},
		Stats:        &stats{},
	}
	for _, f := range r.Findings {
		if f.Confidence >= o.MinConfidence {
			a.Findings = append(a.Findings, toFinding(f))
			a.Stats.Findings.add(f)
		}
	}
	for _, s := range r.Suppressions {
		a.Suppressions = append(a.Suppressions, suppression(s))
	}
	if o.Timings {
		a.Stats.time(r.Stats)
	}
	return result.Encode(w, a)
}

// WriteRoutes writes the routes alone.
func WriteRoutes(w io.Writer, r *result.Result) error {
	return result.Encode(w, struct {
		Schema string  `json:"schema"`
		Routes []route `json:"routes"`
	}{RoutesSchema, routes(r.Routes)})
}

func routes(rs []result.Route) []route {
	out := []route{}
	for _, r := range rs {
		x := route(r)
		x.Methods = list(x.Methods)
		out = append(out, x)
	}
	return out
}

func toCoverage(c result.Coverage) coverage {
	out := coverage{
		FilesByClass:   c.FilesByClass,
		PythonLines:    c.PythonLines,
		Flask:          c.Flask,
		Skipped:        []skip{},
		ParseErrors:    []parseError{},
		Unresolved:     list(c.Unresolved),
		Budgets:        list(c.Budgets),
		Cut:            list(c.Cut),
		InternalErrors: list(c.InternalErrors),
		Configuration:  list(c.Configuration),
	}
	if out.FilesByClass == nil {
		out.FilesByClass = map[string]int{}
	}
	for _, s := range c.Skipped {
		out.Skipped = append(out.Skipped, skip(s))
	}
	for _, e := range c.ParseErrors {
		out.ParseErrors = append(out.ParseErrors, parseError(e))
	}
	return out
}

func toFinding(f *finding.Finding) one {
	out := one{
		RuleID: f.RuleID, Check: f.Check, ID: f.ID(), Title: f.Title,
		Severity: f.Severity, Confidence: f.Confidence, ConfidenceReasons: list(f.Reasons),
		Verdict: f.Verdict, Settle: f.Settle, CWE: f.CWE, OWASP: f.OWASP, Message: f.Message,
		Evidence: []line{}, Impact: f.Impact, Fix: f.Fix, Mitigation: f.Mitigation, FalsePositiveNotes: f.FalsePositiveNotes,
		Flow: steps(f.Flow), MoreFlows: [][]step{}, OmittedFlows: f.OmittedFlows, OmittedRoutes: f.OmittedRoutes, Related: []step{},
		Routes: list(f.Routes), Fingerprint: f.Fingerprint,
	}
	if f.Path != "" {
		out.Location = &location{f.Path, f.Function, toPosition(f.Pos)}
	}
	for _, l := range f.Evidence {
		x := line{Line: l.Number, Text: l.Text}
		if l.From < l.To {
			x.Mark = []int{l.From, l.To}
		}
		out.Evidence = append(out.Evidence, x)
	}
	for _, fl := range f.MoreFlows {
		out.MoreFlows = append(out.MoreFlows, steps(fl))
	}
	for _, r := range f.Related {
		out.Related = append(out.Related, step{r.Path, toPosition(r.Pos), r.Snippet, r.Note})
	}
	if s := f.Suppressed; s != nil {
		out.Suppressed = &suppressed{s.Reason, s.Until, s.Path, s.Line}
	}
	return out
}

func steps(fl []finding.Step) []step {
	out := []step{}
	for _, s := range fl {
		out = append(out, step{s.Path, toPosition(s.Pos), s.Snippet, s.Note})
	}
	return out
}

func toPosition(p finding.Position) position {
	return position{p.Line, p.Col, p.EndLine, p.EndCol}
}

func (s *stats) time(t result.Stats) {
	s.Milliseconds = float64(t.Duration.Microseconds()) / 1000
	for _, p := range t.Phases {
		s.Phases = append(s.Phases, phase{p.Name, float64(p.Duration.Microseconds()) / 1000, p.Note})
	}
}

func (c *counts) add(f *finding.Finding) {
	switch {
	case f.Suppressed != nil:
		c.Suppressed++
	case f.Severity == finding.Critical:
		c.Critical++
	case f.Severity == finding.High:
		c.High++
	case f.Severity == finding.Medium:
		c.Medium++
	default:
		c.Low++
	}
}

// list makes an empty list of nothing, so that consumers need not handle null.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
