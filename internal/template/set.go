// Package template turns Jinja templates into functions of the flow engine's language.
//
// In: the trees of all templates, and the linked Python program, whose calls and decorators register filters, globals and
// context processors by name. Out: a Set of ir.Funcs. A template is a function of its context variables: reading a name
// that the template does not bind reads a parameter, {% include %} and {% extends %} are calls that pass the context on,
// a macro is a function of its own, and every value that is written is an OpEmit that knows where in the page it stands.
//
// A template without a parent is lowered with its blocks in place. One that extends another becomes calls: of the outermost
// parent without its blocks, and of each block as the template nearest to it defines it, in the state that the page has at
// that block of the parent. So each text is lowered once for each state of the page in which it is used, and no more than
// maxVariants times.
//
// A Set is immutable after New and safe for concurrent use.
package template

import (
	"path"
	"slices"
	"strings"

	"stopper/internal/htmlctx"
	"stopper/internal/ir"
	"stopper/internal/jinja"
	"stopper/internal/semantic"
	"stopper/internal/source"
)

// maxVariants bounds the states of the page for which one template or macro is lowered.
const maxVariants = 6

// maxFuncs bounds the functions that all templates become; templates beyond it are not followed.
const maxFuncs = 40_000

// Set is all templates of a project.
type Set struct {
	prog   *semantic.Program
	base   ir.FuncID
	funcs  []*ir.Func
	units  map[unitKey]*unit
	counts map[unitKey]int // by key without state: how many variants
	files  []*file
	byBase map[string][]*file
	inline map[string]*file
	reg    registry
	// builders are free ones, while there is something to lower: a template that another one calls is lowered in between.
	builders []*ir.Builder
}

func (s *Set) builder() *ir.Builder {
	n := len(s.builders)
	if n == 0 {
		return &ir.Builder{}
	}
	b := s.builders[n-1]
	s.builders = s.builders[:n-1]
	return b
}

func (s *Set) release(b *ir.Builder) { s.builders = append(s.builders, b) }

// unitKey is what one function is lowered from: a file, or a macro or block of it, in a state of the page. bare is the
// file without its blocks.
type unitKey struct {
	file  *file
	part  *jinja.Node
	bare  bool
	state htmlctx.State
}

// unit is a function that is being lowered, or has been.
type unit struct {
	id   ir.FuncID
	fn   *ir.Func
	done bool
	asks []Asked // what it uses of the program, and what it calls
}

// file is one template.
type file struct {
	path     string
	tree     *jinja.Tree
	mod      *ir.Module
	escape   ir.Escape
	imports  map[string]uint32 // by what they import: positions in mod.Imports
	macros   map[string]*jinja.Node
	defines  map[string]*jinja.Node // blocks
	sets     map[string]*jinja.Node // what variables are set to, the first time
	extends  *jinja.Node
	parent   *file
	blocks   map[string]htmlctx.State // the page where each block begins, parents' blocks included
	hasState bool                     // blocks and parent are filled in
	busy     bool
}

// New lowers templates. Their functions are numbered from the number of the program's functions on.
func New(prog *semantic.Program, trees []*jinja.Tree) *Set {
	s := &Set{prog: prog, base: ir.FuncID(prog.NumFuncs()), units: map[unitKey]*unit{}, counts: map[unitKey]int{}, byBase: map[string][]*file{},
		inline: map[string]*file{}}
	s.reg.scan(prog)
	for _, t := range trees {
		s.add(t)
	}
	slices.SortFunc(s.files, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	for i, f := range s.files {
		f.mod.Index = len(prog.Modules) + i
		name := path.Base(f.path)
		s.byBase[name] = append(s.byBase[name], f)
	}
	opt := Options(prog)
	for i := range s.reg.texts {
		s.addText(&s.reg.texts[i], len(prog.Modules)+len(s.files)+i, opt)
	}
	for _, f := range s.files {
		s.unit(unitKey{file: f})
	}
	for i := range s.reg.texts {
		if f := s.inline[s.reg.texts[i].text]; f != nil {
			s.unit(unitKey{file: f})
		}
	}
	s.builders = nil
	return s
}

func (s *Set) add(t *jinja.Tree) *file {
	f := newFile(t, t.Src.Path)
	f.escape = s.escapeOf(f)
	s.files = append(s.files, f)
	return f
}

func newFile(t *jinja.Tree, path string) *file {
	f := &file{path: path, tree: t, imports: map[string]uint32{}, macros: map[string]*jinja.Node{}, defines: map[string]*jinja.Node{},
		sets: map[string]*jinja.Node{}}
	f.mod = &ir.Module{Name: path, Source: t.Src, Spans: t.Spans}
	jinja.Walk(t.Root, func(n *jinja.Node) bool {
		switch n.Kind {
		case jinja.Macro:
			f.macros[n.Text] = n
		case jinja.Block:
			f.defines[n.Text] = n
		case jinja.Set:
			if t := n.Kids[0]; t.Kind == jinja.Name && f.sets[t.Text] == nil {
				f.sets[t.Text] = n.Kids[1]
			}
		case jinja.Extends:
			if f.extends == nil {
				f.extends = n
			}
		}
		return n.Kind < jinja.ImportName
	})
	return f
}

// addText adds a template that stands in a string of a Python file. Flask escapes what such a template writes.
func (s *Set) addText(t *text, index int, opt jinja.Options) {
	if s.inline[t.text] != nil {
		return
	}
	tree := jinja.Parse(source.NewFile(t.module.Source.Path, []byte(t.text)), opt)
	f := newFile(tree, t.module.Source.Path)
	f.mod.Source, f.mod.Index = t.module.Source, index
	f.mod.Spans = make([]source.Span, len(tree.Spans))
	for i, span := range tree.Spans {
		f.mod.Spans[i] = t.place(span)
	}
	s.inline[t.text] = f
}

// Funcs are the functions, in order of their numbers, which follow those of the program.
func (s *Set) Funcs() []*ir.Func { return s.funcs }

// Base is the number of the first function.
func (s *Set) Base() ir.FuncID { return s.base }

// Find is the function of the template that a Python file, or another template, calls by a name.
func (s *Set) Find(name, from string) (*ir.Func, bool) {
	f := s.find(name, from)
	if f == nil {
		return nil, false
	}
	return s.funcOf(f)
}

// FindText is the function of a template that is given as text.
func (s *Set) FindText(text string) (*ir.Func, bool) {
	if f := s.inline[text]; f != nil {
		return s.funcOf(f)
	}
	return nil, false
}

func (s *Set) funcOf(f *file) (*ir.Func, bool) {
	u := s.units[unitKey{file: f}]
	if u == nil || !u.done {
		return nil, false
	}
	return u.fn, true
}

// unit lowers a file or macro for a state of the page; nil when there are too many already.
func (s *Set) unit(k unitKey) *unit {
	if u := s.units[k]; u != nil {
		return u
	}
	count := unitKey{file: k.file, part: k.part, bare: k.bare}
	if s.counts[count] >= maxVariants {
		return s.units[count]
	}
	if len(s.funcs) >= maxFuncs {
		return nil
	}
	s.counts[count]++
	u := &unit{id: s.base + ir.FuncID(len(s.funcs))}
	u.fn = &ir.Func{ID: u.id, Kind: ir.KindTemplate, Name: k.file.path, QualName: k.file.path, Module: k.file.mod, Class: ir.NoClass,
		Outer: u.id}
	if k.part != nil {
		u.fn.Name = strings.ToLower(k.part.Kind.String()) + " " + k.part.Text
		u.fn.QualName = k.part.Text
	}
	s.units[k] = u
	s.funcs = append(s.funcs, u.fn)
	u.asks = lower(s, k, u.fn)
	u.done = true
	return u
}

// Registered are the functions of the program that templates know under a name, as filters or globals.
func (s *Set) Registered(name string) []ir.FuncID {
	var out []ir.FuncID
	for _, refs := range [...][]reference{s.reg.filters[name], s.reg.globals[name]} {
		for _, r := range refs {
			if r.isFunc {
				out = append(out, r.fn)
			}
		}
	}
	return out
}

// Asked is something of the program that a template uses: a function, or, with a module, what has a name there.
type Asked struct {
	Func   ir.FuncID
	Module *ir.Module
	Name   string
}

// ask adds what is new.
func ask(all []Asked, more ...Asked) []Asked {
	for _, a := range more {
		if !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

// Asking are the functions of whole templates that use something of the program that matters, in order: their parameters are the
// variables that a view has to pass.
func (s *Set) Asking(matters func(Asked) bool) []ir.FuncID {
	var out []ir.FuncID
	for _, f := range s.files {
		if u := s.units[unitKey{file: f}]; u != nil && u.done && slices.ContainsFunc(u.asks, matters) {
			out = append(out, u.id)
		}
	}
	return out
}

// Contexts are the functions whose result gives a value to a context variable that the caller does not pass.
func (s *Set) Contexts(name string) []ir.FuncID { return s.reg.processors[name] }
