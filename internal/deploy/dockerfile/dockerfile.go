// Package dockerfile reads Dockerfiles: stages and what each of them sets, starts and copies, with lines.
//
// The format's own parser does the splitting. It gives up at the first line it cannot take; here that instruction is
// listed as a problem, blanked out, and the rest is read.
package dockerfile

import (
	"bytes"
	"errors"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"stopper/internal/deploy"
)

// maxRetries bounds how many broken instructions are blanked out: each costs one more parse.
const maxRetries = 20

// File is one Dockerfile.
type File struct {
	Path   string
	Stages []Stage
}

// Stage is what stands below one FROM, before anything is inherited from an earlier stage.
type Stage struct {
	Name, Base string
	Line       int
	Env, Args  []deploy.Var
	User       deploy.Value // the last USER
	Workdir    deploy.Value // the last WORKDIR
	Cmd        deploy.Command
	Entrypoint deploy.Command
	Runs       []deploy.Command
	Copies     []Copy
	Expose     []deploy.Value
	Health     bool // a HEALTHCHECK other than NONE
}

// Copy is a COPY or ADD.
type Copy struct {
	Sources []string
	Dest    string
	From    string // --from, "" for the build context
	IsAdd   bool
	Line    int
}

// Parse reads a Dockerfile.
func Parse(path string, text []byte) (*File, []deploy.Problem) {
	f := &File{Path: path}
	if p := deploy.TooLarge(text); p != nil {
		return f, p
	}
	var problems []deploy.Problem
	text = bytes.Clone(text)
	for try := 0; ; try++ {
		root, line, end, msg := parse(text)
		if root != nil {
			lines := bytes.Split(text, []byte("\n"))
			for _, n := range root.Children {
				f.instruction(n, lines)
			}
		}
		if msg == "" {
			return f, problems
		}
		problems = append(problems, deploy.Problem{Line: line, Message: msg})
		if root != nil || try == maxRetries || !blank(text, line, end) {
			return f, problems
		}
	}
}

// parse returns the tree, or where and why there is none. The parser indexes into what it has not checked (a "#syntax="
// line repeated in odd places), so its panics count as its errors.
func parse(text []byte) (root *parser.Node, line, end int, msg string) {
	defer func() {
		if recover() != nil {
			root, line, end, msg = nil, 0, 0, "the Dockerfile parser gave up on this text"
		}
	}()
	res, err := parser.Parse(bytes.NewReader(text))
	if res != nil {
		root = res.AST
	}
	if err == nil {
		return root, 0, 0, ""
	}
	var loc *parser.LocationError
	if errors.As(err, &loc) && len(loc.Locations) > 0 && len(loc.Locations[0]) > 0 {
		rs := loc.Locations[0]
		line, end = rs[0].Start.Line, rs[len(rs)-1].End.Line
	}
	return root, line, max(line, end), firstLine(err.Error())
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > 200 {
		s = s[:200]
	}
	return "not a valid instruction: " + s
}

// blank overwrites lines with spaces, and reports whether that changed anything.
func blank(text []byte, from, to int) bool {
	if from < 1 {
		return false
	}
	changed, line := false, 1
	for i, c := range text {
		switch {
		case c == '\n':
			line++
		case line >= from && line <= to && c != ' ' && c != '\r':
			text[i], changed = ' ', true
		}
	}
	return changed
}

func (f *File) stage() *Stage {
	if len(f.Stages) == 0 {
		f.Stages = append(f.Stages, Stage{}) // instructions before the first FROM: ARG, or a broken file
	}
	return &f.Stages[len(f.Stages)-1]
}

func (f *File) instruction(n *parser.Node, lines [][]byte) {
	words := values(n.Next)
	name := strings.ToLower(n.Value)
	if name == "from" {
		f.from(n, words)
		return
	}
	s := f.stage()
	switch name {
	case "env":
		s.Env = append(s.Env, pairs(n, lines)...)
	case "arg":
		for _, w := range words {
			k, v, has := strings.Cut(w, "=")
			s.Args = append(s.Args, deploy.Var{Name: k, Value: unquote(v), NoValue: !has, Line: find(lines, n, k)})
		}
	case "user":
		s.User = deploy.Value{Text: strings.Join(words, " "), Line: n.StartLine}
	case "workdir":
		s.Workdir = deploy.Value{Text: strings.Join(words, " "), Line: n.StartLine}
	case "expose":
		for _, w := range words {
			s.Expose = append(s.Expose, deploy.Value{Text: w, Line: n.StartLine})
		}
	case "cmd":
		s.Cmd = command(n, words)
	case "entrypoint":
		s.Entrypoint = command(n, words)
	case "run":
		c := command(n, words)
		for _, h := range n.Heredocs {
			c.Shell += "\n" + h.Content
		}
		s.Runs = append(s.Runs, c)
	case "copy", "add":
		s.copy(n, words, name == "add")
	case "healthcheck":
		s.Health = len(words) > 0 && !strings.EqualFold(words[0], "none")
	}
}

func (f *File) from(n *parser.Node, words []string) {
	s := Stage{Line: n.StartLine}
	if len(words) > 0 {
		s.Base = words[0]
	}
	if len(words) >= 3 && strings.EqualFold(words[1], "as") {
		s.Name = words[2]
	}
	if len(f.Stages) == 1 && f.Stages[0].Line == 0 {
		s.Args = f.Stages[0].Args
		f.Stages = f.Stages[:0]
	}
	f.Stages = append(f.Stages, s)
}

func (s *Stage) copy(n *parser.Node, words []string, isAdd bool) {
	if len(words) < 2 {
		return
	}
	c := Copy{Sources: words[:len(words)-1], Dest: words[len(words)-1], IsAdd: isAdd, Line: n.StartLine}
	for _, flag := range n.Flags {
		if v, ok := strings.CutPrefix(flag, "--from="); ok {
			c.From = v
		}
	}
	s.Copies = append(s.Copies, c)
}

func command(n *parser.Node, words []string) deploy.Command {
	c := deploy.Command{Line: n.StartLine, EndLine: n.EndLine}
	if n.Attributes["json"] {
		c.Argv = words
	} else {
		c.Shell = strings.Join(words, " ")
	}
	return c
}

func values(n *parser.Node) []string {
	var out []string
	for ; n != nil; n = n.Next {
		out = append(out, n.Value)
	}
	return out
}

// pairs reads the parser's triples of name, value and separator.
func pairs(n *parser.Node, lines [][]byte) []deploy.Var {
	var out []deploy.Var
	for v := n.Next; v != nil && v.Next != nil; {
		out = append(out, deploy.Var{Name: v.Value, Value: unquote(v.Next.Value), Line: find(lines, n, v.Value)})
		if v = v.Next.Next; v != nil {
			v = v.Next
		}
	}
	return out
}

// find is the line of an instruction on which a name first stands: one ENV often sets ten variables on ten lines.
func find(lines [][]byte, n *parser.Node, name string) int {
	for line := max(1, n.StartLine); name != "" && line <= min(n.EndLine, len(lines)); line++ {
		if bytes.Contains(lines[line-1], []byte(name)) {
			return line
		}
	}
	return n.StartLine
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// Index finds a stage by name, or by number as COPY --from writes it; -1 when there is none.
func (f *File) Index(name string) int {
	for i := range f.Stages {
		if f.Stages[i].Name != "" && strings.EqualFold(f.Stages[i].Name, name) {
			return i
		}
	}
	return -1
}

// Effective is a stage with what it inherits from the stages it is built on: variables in order, the last user and working
// folder, and the start command. An ENTRYPOINT of its own drops an inherited CMD, as Docker does.
func (f *File) Effective(i int) Stage {
	if i < 0 || i >= len(f.Stages) {
		return Stage{}
	}
	out := f.Stages[i]
	for at := i; ; {
		base := f.Index(f.Stages[at].Base)
		if base < 0 || base >= at { // a stage can only build on an earlier one
			return out
		}
		b := f.Stages[base]
		out.Env = append(append([]deploy.Var(nil), b.Env...), out.Env...)
		out.Copies = append(append([]Copy(nil), b.Copies...), out.Copies...)
		if out.Cmd.IsZero() && out.Entrypoint.IsZero() {
			out.Cmd = b.Cmd
		}
		if out.Entrypoint.IsZero() {
			out.Entrypoint = b.Entrypoint
		}
		if out.User.Text == "" {
			out.User = b.User
		}
		if out.Workdir.Text == "" {
			out.Workdir = b.Workdir
		}
		at = base
	}
}
