// Package nginx reads nginx configuration: blocks and directives with their lines, and what a block inherits.
//
// In: the text of one file; files that include each other are joined by Join. Out: a tree of directives. Variables stay as
// written, envsubst's ${NAME} in templates too. The reader knows no directive by name except include; what directives
// mean is deployment's business, helped by the two ways in which nginx inherits: a directive that stands once (Value), and
// a list that an inner block replaces as a whole (List) — add_header and proxy_set_header are of that kind, and lose the
// outer ones as soon as an inner block has one of its own.
//
// Syntax: https://nginx.org/en/docs/beginners_guide.html#conf_structure
package nginx

import (
	"strings"

	"stopper/internal/deploy"
)

// The limits. A real configuration nests four or five deep and has some hundreds of directives.
const (
	maxDepth      = 32
	maxDirectives = 20_000
)

// Directive is one directive. A block has IsBlock set and holds others.
type Directive struct {
	Name    string
	Args    []string // quotes removed
	File    string
	Line    int
	IsBlock bool
	Block   []*Directive
	Parent  *Directive // nil at the top of a file, see Join
}

// Arg is an argument, "" when there are fewer.
func (d *Directive) Arg(i int) string {
	if d == nil || i >= len(d.Args) {
		return ""
	}
	return d.Args[i]
}

// Text writes the directive on one line without its block.
func (d *Directive) Text() string { return strings.Join(append([]string{d.Name}, d.Args...), " ") }

// Own lists the directives of a name that stand in the block itself.
func (d *Directive) Own(name string) []*Directive {
	var out []*Directive
	for _, c := range d.Block {
		if c.Name == name {
			out = append(out, c)
		}
	}
	return out
}

// Value is a directive that stands once: the block's own, or the nearest outer one. nil when there is none.
func (d *Directive) Value(name string) *Directive {
	if list := d.List(name); len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

// List is a directive that stands several times: the block's own when it has any, else the nearest outer block's.
func (d *Directive) List(name string) []*Directive {
	for b := d; b != nil; b = b.Parent {
		if own := b.Own(name); len(own) > 0 {
			return own
		}
	}
	return nil
}

// Lost lists the directives of an outer block that are replaced because the block has its own list of that name.
func (d *Directive) Lost(name string) []*Directive {
	if d.Parent == nil || len(d.Own(name)) == 0 {
		return nil
	}
	return d.Parent.List(name)
}

// Enclosing is the nearest block of a name around a directive, itself included; nil when there is none.
func (d *Directive) Enclosing(name string) *Directive {
	for b := d; b != nil; b = b.Parent {
		if b.Name == name && b.IsBlock {
			return b
		}
	}
	return nil
}

// Walk calls visit for every directive below a list, outer ones first. Depth is bounded by the reader.
func Walk(list []*Directive, visit func(*Directive)) {
	for _, d := range list {
		visit(d)
		Walk(d.Block, visit)
	}
}

// File is one file.
type File struct {
	Path       string
	Directives []*Directive
}

// Parse reads a file. What stands before a fault is kept.
func Parse(path string, text []byte) (*File, []deploy.Problem) {
	f := &File{Path: path}
	if p := deploy.TooLarge(text); p != nil {
		return f, p
	}
	r := reader{lexer: lexer{text: text, line: 1}, file: f}
	r.read()
	return f, r.problems
}

type reader struct {
	lexer
	file     *File
	open     []*Directive
	words    []string
	line     int // of the first word
	count    int
	problems []deploy.Problem
}

func (r *reader) read() {
	for {
		tok, kind, line := r.next()
		switch kind {
		case word:
			if len(r.words) == 0 {
				r.line = line
			}
			r.words = append(r.words, tok)
		case semicolon:
			r.end(false)
		case opening:
			if len(r.open) == maxDepth {
				r.problem(line, "blocks nested too deep: not read further")
				return
			}
			if len(r.words) == 0 {
				r.words, r.line = []string{""}, line // a brace without a name still opens something that must close
			}
			r.open = append(r.open, r.end(true))
			if strings.HasSuffix(r.lastName(), "_by_lua_block") {
				if !r.skipCode() {
					r.problem(line, "a block of code that does not end")
				}
				r.close()
			}
		case closing:
			if len(r.words) > 0 {
				r.problem(r.line, "a directive without its semicolon")
				r.end(false)
			}
			if len(r.open) == 0 {
				r.problem(line, "a closing brace that closes nothing")
				continue
			}
			r.close()
		case ending:
			if len(r.words) > 0 || len(r.open) > 0 {
				r.problem(line, "the file ends within a block or directive")
				r.end(false)
			}
			return
		}
		if r.count > maxDirectives {
			r.problem(line, "more directives than are read")
			return
		}
	}
}

func (r *reader) close() { r.open = r.open[:len(r.open)-1] }

func (r *reader) lastName() string {
	if len(r.open) == 0 {
		return ""
	}
	return r.open[len(r.open)-1].Name
}

// end makes a directive of the words read so far.
func (r *reader) end(isBlock bool) *Directive {
	words := r.words
	r.words = nil
	if len(words) == 0 {
		return nil
	}
	d := &Directive{Name: words[0], Args: words[1:], File: r.file.Path, Line: r.line, IsBlock: isBlock}
	r.count++
	if n := len(r.open); n > 0 {
		d.Parent = r.open[n-1]
		d.Parent.Block = append(d.Parent.Block, d)
	} else {
		r.file.Directives = append(r.file.Directives, d)
	}
	return d
}

// maxProblems bounds what is said of one file: a file that is no configuration at all has a problem on every line.
const maxProblems = 10

func (r *reader) problem(line int, message string) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, deploy.Problem{Line: line, Message: message})
	}
}
