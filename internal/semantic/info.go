// Package semantic gives Python trees their meaning: which file is which module, what every import brings, which scope a
// name belongs to, what a class inherits, and what a dotted name leads to.
//
// It works in two steps. Scan reads one file and is pure, so that the caller can scan files in parallel. Link joins the
// results into a Program: module names, imports across files, dense numbers for functions and classes. A FileInfo and a
// Program are immutable once made and safe for concurrent use.
package semantic

import (
	"slices"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// FileInfo is what one file says by itself. Functions, classes, scopes, imports and symbols are numbered within the file
// in source order; function 0 and scope 0 are the module body.
type FileInfo struct {
	File     *ast.File
	Funcs    []FuncInfo
	Classes  []ClassInfo
	Scopes   []Scope
	Symbols  []Symbol
	Imports  []ImportInfo
	Bindings []Binding // what defs, classes, imports and module- and class-level assignments bind, in source order
	// All is the literal value of __all__; HasAll says that there is one.
	All    []string
	HasAll bool
	// IsPartial is set when something was nested too deep to be read.
	IsPartial bool

	extendsPath bool // it puts folders on sys.path

	nodes []nodeRef         // definitions, comprehensions and import aliases by node
	facts []ast.Sym         // the name sets of all functions
	top   map[string]uint32 // the bound symbols of the module scope
	// crowded are the symbols of other scopes by name, where there are many.
	crowded map[uint32]map[string]uint32
	binds   []int32 // by symbol: its first binding in Bindings, or -1
	final   []int32 // by symbol: its last binding that is no fallback, else its first, or -1
}

// nodeRef leads from a node to its number among functions, classes, comprehension scopes or imports; the node's kind says
// which of them.
type nodeRef struct {
	node ast.NodeID
	at   uint32
}

// FuncInfo is one function, lambda, class body or module body.
type FuncInfo struct {
	Node        ast.NodeID
	Kind        ir.FuncKind
	IsAsync     bool
	IsGenerator bool
	Outer       uint32 // the function that holds it; itself for the module
	Class       int32  // the class whose body holds it, or -1; for a class body the class itself
	Scope       uint32

	attrs, calls, globals span
}

type span struct{ lo, hi uint32 }

// ClassInfo is one class statement.
type ClassInfo struct {
	Node  ast.NodeID
	Body  uint32 // function of the body
	Scope uint32 // scope that holds the statement
}

// ImportInfo is one alias of an import statement.
type ImportInfo struct {
	Node   ast.NodeID // the Alias
	Scope  uint32
	Module string // as written, without the dots of a relative import
	Level  int    // number of those dots
	Name   string // "" for `import x`, "*" for a star
	As     string // "" when absent
	IsFrom bool
}

// Bound is the name that the import binds; "" for a star.
func (im *ImportInfo) Bound() string {
	switch {
	case im.As != "":
		return im.As
	case im.Name == "*":
		return ""
	case im.IsFrom:
		return im.Name
	}
	top, _, _ := strings.Cut(im.Module, ".")
	return top
}

// BindingKind tells bindings apart.
type BindingKind uint8

// Bindings.
const (
	BindVar BindingKind = iota
	BindFunc
	BindClass
	BindImport
)

// Binding is a place that gives a name its value.
type Binding struct {
	Kind BindingKind
	// IsFallback marks the except clause of a try and the else of an if.
	IsFallback bool
	Symbol     uint32
	At         uint32     // number of the function, class or import
	Value      ast.NodeID // of a BindVar: the assigned expression, 0 when there is no single one
	next       int32      // the next binding of the symbol, or -1
}

// Attrs are the attribute names that a function reads or calls, each once.
func (fi *FileInfo) Attrs(fn uint32) []ast.Sym { return fi.set(fi.Funcs[fn].attrs) }

// Calls are the last components of what a function calls (f for both f() and x.f()), each once.
func (fi *FileInfo) Calls(fn uint32) []ast.Sym { return fi.set(fi.Funcs[fn].calls) }

// Globals are the module-level and builtin names that a function uses, each once.
func (fi *FileInfo) Globals(fn uint32) []ast.Sym { return fi.set(fi.Funcs[fn].globals) }

func (fi *FileInfo) set(s span) []ast.Sym { return fi.facts[s.lo:s.hi:s.hi] }

// numberOf is the number of a definition, comprehension scope or import alias.
func (fi *FileInfo) numberOf(n ast.NodeID) (uint32, bool) {
	i, ok := slices.BinarySearchFunc(fi.nodes, n, func(r nodeRef, n ast.NodeID) int { return int(r.node) - int(n) })
	if !ok {
		return 0, false
	}
	return fi.nodes[i].at, true
}

// FuncOf is the function of a def or lambda node.
func (fi *FileInfo) FuncOf(n ast.NodeID) (uint32, bool) { return fi.numberOf(n) }

// ClassOf is the class of a class statement.
func (fi *FileInfo) ClassOf(n ast.NodeID) (uint32, bool) { return fi.numberOf(n) }

// ScopeOf is the scope of a comprehension.
func (fi *FileInfo) ScopeOf(n ast.NodeID) (uint32, bool) { return fi.numberOf(n) }

// ImportOf is the import of an alias node.
func (fi *FileInfo) ImportOf(n ast.NodeID) (uint32, bool) { return fi.numberOf(n) }

// FuncName is the plain name of a function.
func (fi *FileInfo) FuncName(fn uint32) string {
	switch f := &fi.Funcs[fn]; f.Kind {
	case ir.KindModule:
		return "<module>"
	case ir.KindLambda:
		return "<lambda>"
	default:
		return fi.File.IdentOf(f.Node)
	}
}

// QualName is a function's __qualname__; "<module>" for the module body.
func (fi *FileInfo) QualName(fn uint32) string {
	parts := []string{fi.FuncName(fn)}
	for f := fi.Funcs[fn].Outer; f != 0 && fn != 0; f = fi.Funcs[f].Outer {
		if fi.Funcs[f].Kind != ir.KindClassBody {
			parts = append(parts, "<locals>")
		}
		parts = append(parts, fi.FuncName(f))
	}
	slices.Reverse(parts)
	return strings.Join(parts, ".")
}
