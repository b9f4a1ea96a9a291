// Package shell reads shell text: the simple commands it would run, in order, and the variables it sets.
//
// Nothing is evaluated. Words come out without their quotes; what only a run could know stays as it was written: "$PORT",
// "${PORT:-80}", "$(date)". Both branches of a condition are listed, marked as conditional.
package shell

import (
	"bytes"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"stopper/internal/deploy"
)

// The limits. The parser recurses once per nesting level; scripts nest under twenty.
const (
	maxBytes    = 256 << 10
	maxNesting  = 200
	maxCommands = 5_000
)

// Command is one simple command, or, without Argv, assignments that last (A=1, export A=1).
type Command struct {
	Argv        []string
	Env         []deploy.Var // assignments in front of it, or those that last
	Line        int
	Exec        bool   // replaces the shell; exec itself is not in Argv
	Conditional bool   // inside if, case, a loop, a function, or right of ||
	Background  bool   // ends in &
	Func        string // inside this function
	When        string // the condition of the innermost if around it, as written
	Otherwise   bool   // in that if's else
	Choice      *Choice
}

// Choice is the innermost case around a command: which word decides, and by which patterns.
type Choice struct {
	Subject string
	Arms    [][]string // of the whole case
	Arm     int        // the one the command stands in
}

// Script is one text.
type Script struct {
	Path     string
	Commands []Command
	Vars     []deploy.Var // assignments and exports, in order, and ${NAME:=default}
}

// Parse reads a script; what stands before a syntax error is kept.
func Parse(path string, text []byte) (*Script, []deploy.Problem) {
	s := &Script{Path: path}
	if len(text) > maxBytes {
		return s, []deploy.Problem{{Message: "too large for a script written by hand: not read"}}
	}
	if line := tooDeep(text); line > 0 {
		return s, []deploy.Problem{{Line: line, Message: "nested too deeply: not read"}}
	}
	p := syntax.NewParser(syntax.Variant(syntax.LangBash))
	r := reader{script: s, text: text}
	var problems []deploy.Problem
	if err := r.all(p); err != nil {
		problems = append(problems, problem(err))
	}
	return s, problems
}

// all reads statement by statement, so that a mistake at the end does not cost the beginning. The loop is never left
// early: the parser goes on after an error, and a panic of its own ends the script like an error.
func (r *reader) all(p *syntax.Parser) (first error) {
	defer func() {
		if recover() != nil && first == nil {
			first = errGaveUp
		}
	}()
	for st, err := range p.StmtsSeq(bytes.NewReader(r.text)) {
		switch {
		case first != nil:
		case err != nil:
			first = err
		case len(r.script.Commands) < maxCommands:
			r.stmt(st, state{})
		}
	}
	return first
}

type parseError string

func (e parseError) Error() string { return string(e) }

const errGaveUp = parseError("the shell parser gave up on this text")

func problem(err error) deploy.Problem {
	switch e := err.(type) {
	case syntax.ParseError:
		return deploy.Problem{Line: int(e.Pos.Line()), Message: e.Text}
	case syntax.LangError:
		return deploy.Problem{Line: int(e.Pos.Line()), Message: "not supported by this shell: " + e.Feature}
	}
	return deploy.Problem{Message: "not valid shell"}
}

// tooDeep counts what can nest, without regard to quotes: brackets by depth, and words that open a block or negate by
// their run on one line or altogether.
func tooDeep(text []byte) int {
	depth, ticks, line := 0, 0, 1
	openers := 0
	for _, c := range text {
		switch c {
		case '\n':
			line++
		case '(', '{':
			depth++
			openers++
		case ')', '}':
			depth = max(0, depth-1)
		case '`':
			ticks++
		}
		if depth > maxNesting || ticks > 10*maxNesting || openers > 100*maxNesting {
			return line
		}
	}
	words := 0
	for _, w := range bytes.Fields(text) {
		switch string(w) {
		case "if", "while", "until", "for", "case", "!", "do", "then", "else", "elif", "time", "coproc", "function":
			words++
		case "fi", "done", "esac":
			words = max(0, words-2)
		}
	}
	if words > 20*maxNesting {
		return 1
	}
	return 0
}

// state is what a statement inherits from those around it.
type state struct {
	conditional, background bool
	fn, when                string
	otherwise               bool
	choice                  *Choice
}

type reader struct {
	script *Script
	text   []byte
}

func (r *reader) stmts(list []*syntax.Stmt, st state) {
	for _, s := range list {
		r.stmt(s, st)
	}
}

func (r *reader) stmt(s *syntax.Stmt, st state) {
	if s == nil || len(r.script.Commands) >= maxCommands {
		return
	}
	st.background = st.background || s.Background
	inner := st
	inner.conditional = true
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		r.call(c, s, st)
	case *syntax.DeclClause:
		r.lasting(c.Args, s, st)
	case *syntax.BinaryCmd:
		r.stmt(c.X, st)
		if c.Op == syntax.OrStmt {
			st = inner
		}
		r.stmt(c.Y, st)
	case *syntax.Block:
		r.stmts(c.Stmts, st)
	case *syntax.Subshell:
		r.stmts(c.Stmts, st)
	case *syntax.TimeClause:
		r.stmt(c.Stmt, st)
	case *syntax.IfClause:
		r.branches(c, inner)
	case *syntax.WhileClause:
		r.stmts(c.Cond, inner)
		r.stmts(c.Do, inner)
	case *syntax.ForClause:
		r.stmts(c.Do, inner)
	case *syntax.CaseClause:
		r.choice(c, inner)
	case *syntax.FuncDecl:
		inner.fn = c.Name.Value
		r.stmt(c.Body, inner)
	}
}

// branches: an elif is judged by its own condition, a plain else by the negation of the one before it.
func (r *reader) branches(c *syntax.IfClause, st state) {
	for ; c != nil; c = c.Else {
		r.stmts(c.Cond, st)
		if len(c.Cond) > 0 {
			a, z := int(c.Cond[0].Pos().Offset()), int(c.Cond[len(c.Cond)-1].End().Offset())
			st.when = strings.TrimRight(string(r.text[min(a, len(r.text)):min(max(a, z), len(r.text))]), "; \t\n")
			st.otherwise = false
		} else {
			st.otherwise = true
		}
		r.stmts(c.Then, st)
	}
}

func (r *reader) choice(c *syntax.CaseClause, st state) {
	var arms [][]string
	for _, item := range c.Items {
		var arm []string
		for _, w := range item.Patterns {
			arm = append(arm, r.word(w.Parts))
		}
		arms = append(arms, arm)
	}
	subject := r.word(c.Word.Parts)
	for i, item := range c.Items {
		st.choice = &Choice{Subject: subject, Arms: arms, Arm: i}
		r.stmts(item.Stmts, st)
	}
}

func (r *reader) assigns(list []*syntax.Assign) []deploy.Var {
	var out []deploy.Var
	for _, a := range list {
		if a.Name == nil || a.Array != nil {
			continue
		}
		v := deploy.Var{Name: a.Name.Value, Line: int(a.Pos().Line()), NoValue: a.Naked}
		if a.Value != nil {
			v.Value = r.word(a.Value.Parts)
		}
		out = append(out, v)
	}
	r.script.Vars = append(r.script.Vars, out...)
	return out
}

// lasting puts assignments among the commands, so that they hold from there on and only on their path.
func (r *reader) lasting(list []*syntax.Assign, at syntax.Node, st state) {
	if vars := r.assigns(list); len(vars) > 0 {
		c := r.command(at, st)
		c.Env = vars
		r.script.Commands = append(r.script.Commands, c)
	}
}

func (r *reader) command(at syntax.Node, st state) Command {
	return Command{Line: int(at.Pos().Line()), Conditional: st.conditional, Background: st.background, Func: st.fn, When: st.when, Otherwise: st.otherwise, Choice: st.choice}
}

func (r *reader) call(c *syntax.CallExpr, at *syntax.Stmt, st state) {
	if len(c.Args) == 0 {
		r.lasting(c.Assigns, at, st)
		return
	}
	kept := len(r.script.Vars)
	cmd := r.command(c, st)
	cmd.Env = r.assigns(c.Assigns)
	r.script.Vars = r.script.Vars[:kept] // these live for one command only
	for _, w := range c.Args {
		cmd.Argv = append(cmd.Argv, r.word(w.Parts))
		r.defaults(w.Parts)
	}
	if cmd.Argv[0] == "exec" {
		cmd.Exec = true
		cmd.Argv = cmd.Argv[1:]
	}
	if len(cmd.Argv) > 0 {
		r.script.Commands = append(r.script.Commands, cmd)
	}
}

// defaults records ${NAME:=value}, which assigns.
func (r *reader) defaults(parts []syntax.WordPart) {
	for _, p := range parts {
		switch x := p.(type) {
		case *syntax.DblQuoted:
			r.defaults(x.Parts)
		case *syntax.ParamExp:
			if x.Exp != nil && x.Param != nil && x.Exp.Word != nil && (x.Exp.Op == syntax.AssignUnset || x.Exp.Op == syntax.AssignUnsetOrNull) {
				r.script.Vars = append(r.script.Vars, deploy.Var{Name: x.Param.Value, Value: r.word(x.Exp.Word.Parts), Line: int(x.Pos().Line())})
			}
		}
	}
}

func (r *reader) word(parts []syntax.WordPart) string {
	var b strings.Builder
	for _, p := range parts {
		switch x := p.(type) {
		case *syntax.Lit:
			b.WriteString(unescape(x.Value))
		case *syntax.SglQuoted:
			b.WriteString(x.Value)
		case *syntax.DblQuoted:
			b.WriteString(r.word(x.Parts))
		default:
			b.WriteString(r.source(p))
		}
	}
	return b.String()
}

func (r *reader) source(p syntax.WordPart) string {
	a, z := int(p.Pos().Offset()), int(p.End().Offset())
	if a < 0 || z > len(r.text) || a > z {
		return ""
	}
	return string(r.text[a:z])
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			if i++; s[i] == '\n' {
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// HasFunc reports whether the script defines a function that holds commands.
func (s *Script) HasFunc(name string) bool {
	for i := range s.Commands {
		if s.Commands[i].Func == name {
			return name != ""
		}
	}
	return false
}
