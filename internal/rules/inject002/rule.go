// Package inject002 judges operating-system commands that words from outside are part of.
package inject002

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-INJECT-002.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every command that words from outside reach.
func (Rule) Run(p *rule.Pass) {
	shells := map[place]bool{}
	for _, h := range p.Project.Hits(models.Shell) {
		if isList(p, h) {
			continue
		}
		shells[placeOf(h)] = true
		f := p.OnHit("shell", h)
		f.Message = rule.Sources(h) + " becomes part of a shell command"
		p.Report(f)
	}
	lists := map[place]bool{}
	for _, h := range p.Project.Hits(models.Argv) {
		lists[placeOf(h)] = true
	}
	for _, h := range p.Project.Guarded(models.Argv) {
		lists[placeOf(h)] = true // none of the words is an option
	}
	for _, h := range p.Project.Hits(models.Program) {
		if shells[placeOf(h)] {
			continue // said already: with a shell, the first word is a command line
		}
		if lists[placeOf(h)] && isUnknownList(h) {
			continue // said below: which of the words are from outside is not known, and the first is the rarest
		}
		f := p.OnHit("program", h)
		f.Message = rule.Sources(h) + " decides which program runs"
		p.Report(f)
	}
	for _, h := range p.Project.Hits(models.Argv) {
		if shells[placeOf(h)] {
			continue
		}
		if !canBeOption(h) {
			continue
		}
		f := p.OnHit("argument", h)
		f.Message = rule.Sources(h) + " becomes an argument of a command, and may start with a dash"
		p.Report(f)
	}
}

// isList: a helper that passes options on, of which nobody says that one is the shell, is given a list of words.
//
//	def run(words, options): subprocess.run(words, **options)
func isList(p *rule.Pass, h project.Hit) bool {
	if _, isSaid := h.Args.Keyword("shell"); isSaid || !h.Args.HasStarStar || !strings.HasPrefix(h.Callee, "subprocess.") {
		return false
	}
	return !slices.ContainsFunc(h.Labels, func(l value.Label) bool { return !cameInList(p, h, l) })
}

// cameInList: the call that handed the words to the helper writes out the list that they stand in.
func cameInList(p *rule.Pass, h project.Hit, l value.Label) bool {
	steps := value.Steps(l.Trace)
	for _, s := range slices.Backward(steps) {
		fn := p.Project.Flow.Func(s.Func)
		if s.Func == h.Func.ID || fn == nil || fn.Module.File == nil {
			continue
		}
		f := fn.Module.File
		if f.Kind(s.Node) != ast.Call || len(f.ListB(s.Node)) == 0 {
			return false
		}
		k := f.Kind(ast.NodeID(f.ListB(s.Node)[0]))
		return k == ast.List || k == ast.Tuple
	}
	return false
}

// place is a call: one that gives a string to a shell is not judged again as a program and its arguments.
type place struct {
	fn   ir.FuncID
	node ast.NodeID
}

func placeOf(h project.Hit) place { return place{h.Func.ID, h.Node} }

// canBeOption reports whether some argument from outside can be taken for an option: it stands before any "--", and
// nothing but the attacker's words is at its start.
func canBeOption(h project.Hit) bool {
	elems := argvOf(h)
	if elems == nil {
		return !strings.HasPrefix(h.Callee, "git.") || beginsOutside(h)
	}
	for i, e := range elems {
		if text, ok := e.Value.ConstStr(); ok && text == "--" {
			return false
		}
		if i > 0 && isTainted(e.Value) && startsOutside(e.Value) && !takesValue(elems[i-1].Value) {
			return true
		}
	}
	return false
}

// takesValue: a word is an option that takes the next word as it is, whatever that begins with. Of most options nobody knows.
func takesValue(v *value.Value) bool {
	text, ok := v.ConstStr()
	if !ok || !strings.HasPrefix(text, "--") {
		return false
	}
	switch text[2:] {
	case "password", "passphrase", "user", "username", "output", "output-file", "output-dir", "input", "file", "name", "title", "subject",
		"format", "host", "hostname", "port", "message", "author", "email", "branch", "config", "from", "to", "date", "type", "lang", "language":
		return true
	}
	return false
}

// beginsOutside: a word that a library hands on as it is begins with the attacker's, and no "--" stands before it.
func beginsOutside(h project.Hit) bool {
	for _, a := range h.Args.Pos {
		if a.Node == h.ArgNode {
			break
		}
		if text, ok := a.Value.ConstStr(); ok && text == "--" {
			return false
		}
	}
	return startsOutside(h.Value)
}

// startsOutside: the first part of a text may be the attacker's.
func startsOutside(v *value.Value) bool {
	if v == nil || v.Str == nil || len(v.Str.Parts) == 0 {
		return true
	}
	head := v.Str.Parts[0]
	return head.IsHole && slices.ContainsFunc(head.Taint, func(l value.Label) bool { return !l.Cleared.Has(models.Argv) })
}

// isText: enough is known of the value to tell a text from a list.
func isText(v *value.Value) bool {
	return v != nil && (v.Type == "str" || v.IsConst || v.Str != nil && len(v.Str.Parts) > 1)
}

// isUnknownList reports a command line whose words are not known one by one.
func isUnknownList(h project.Hit) bool {
	a, ok := h.Args.At(0, "args")
	if !ok {
		return !isText(h.Value) // *args
	}
	return !a.IsList && a.Value != nil && a.Value.Str == nil && !a.Value.IsConst && a.Value.Type != "str"
}

func argvOf(h project.Hit) []flow.Arg {
	a, ok := h.Args.At(0, "args")
	if !ok || !a.IsList {
		return nil
	}
	return a.Elems
}

func isTainted(v *value.Value) bool {
	if v == nil {
		return false
	}
	for _, l := range v.Taint {
		if !l.Cleared.Has(models.Argv) {
			return true
		}
	}
	return false
}
