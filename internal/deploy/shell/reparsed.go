package shell

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"stopper/internal/deploy"
)

// Reparsed finds the variables whose text a second interpreter reads as a program: eval "$X", sh -c "… $X", ssh host "… $X",
// python -c "… $X", and here-documents for those. In single quotes a variable is not expanded, so that the inner program
// reads it as data. Each variable that is asked for is told once, with its line.
func Reparsed(text string, asked func(name string) bool) []deploy.Value {
	if len(text) > maxBytes || tooDeep([]byte(text)) > 0 {
		return nil
	}
	r := reparser{asked: asked, seen: map[string]bool{}}
	r.script(text)
	return r.out
}

type reparser struct {
	asked func(string) bool
	seen  map[string]bool
	out   []deploy.Value
}

// script reads what stands before the first mistake; a panic of the parser counts as one.
func (r *reparser) script(text string) {
	defer func() { _ = recover() }()
	stop := false
	for st, err := range syntax.NewParser(syntax.Variant(syntax.LangBash)).StmtsSeq(strings.NewReader(text)) {
		if stop = stop || err != nil; stop {
			continue // the loop is never left early, see all
		}
		syntax.Walk(st, func(n syntax.Node) bool {
			if s, ok := n.(*syntax.Stmt); ok {
				r.stmt(s)
			}
			return true
		})
	}
}

func (r *reparser) stmt(s *syntax.Stmt) {
	c, ok := s.Cmd.(*syntax.CallExpr)
	if !ok {
		return
	}
	var code []*syntax.Word // the arguments that are read as a program
	flag := byte(0)
	for i, w := range c.Args {
		word := w.Lit()
		base := path.Base(word)
		switch f := codeFlag(base); {
		case base == "eval", base == "ssh":
			code = c.Args[i+1:]
		case f != 0:
			flag = f
		case flag == 0:
		case len(word) > 1 && word[0] == '-' && word[1] != '-' && strings.IndexByte(word, flag) > 0:
			code = c.Args[i+1 : min(i+2, len(c.Args))] // what follows are its arguments
		case !strings.HasPrefix(word, "-") && !takesNames(c.Args[:i]):
			flag = 0 // the interpreter runs a file, and this and the rest are arguments of it
		}
		if code != nil {
			break
		}
	}
	for _, w := range code {
		r.word(w)
	}
	for _, red := range s.Redirs {
		if red.Hdoc != nil && (code != nil || flag != 0) {
			r.word(red.Hdoc)
		}
	}
}

// codeFlag is the letter of the option after which an interpreter takes a program; 0 for other commands.
func codeFlag(command string) byte {
	switch command {
	case "sh", "bash", "dash", "zsh", "ksh", "su", "psql":
		return 'c'
	case "node", "perl", "ruby":
		return 'e'
	case "php":
		return 'r'
	}
	if strings.HasPrefix(command, "python") {
		return 'c'
	}
	return 0
}

// takesNames: su and psql have the names of users and databases in front of their program.
func takesNames(args []*syntax.Word) bool {
	for _, w := range args {
		if base := path.Base(w.Lit()); base == "su" || base == "psql" {
			return true
		}
	}
	return false
}

// word tells the variables that the outer shell expands in a word.
func (r *reparser) word(w *syntax.Word) {
	syntax.Walk(w, func(n syntax.Node) bool {
		p, ok := n.(*syntax.ParamExp)
		if !ok || p.Param == nil {
			return true
		}
		name := p.Param.Value
		quotes := p.Exp != nil && p.Exp.Op == syntax.OtherParamOps && p.Exp.Word != nil && p.Exp.Word.Lit() == "Q" // ${X@Q}
		if !quotes && !p.Length && !r.seen[name] && r.asked(name) {
			r.seen[name] = true
			r.out = append(r.out, deploy.Value{Text: name, Line: int(p.Pos().Line())})
		}
		return true
	})
}
