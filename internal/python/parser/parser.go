// Package parser turns the text of a Python file into a syntax tree.
//
// In: a source.File. Out: an ast.File, never nil and never without a Module, with the list of places that are not
// Python. The grammar is that of Python 3.8 to 3.15 at once; the interpreter that the project runs on does not
// matter, so newer syntax is accepted everywhere and the differences between versions are not errors.
//
// The text is tokenised whole, then parsed by index, so that lookahead is free. A statement that does not parse
// becomes an ast.Bad and the parser continues at the next one; see recover.go. Nothing in the text can make the
// parser panic, hang, or use memory out of proportion to the text: the limits below turn into syntax errors.
//
// A Parser keeps its buffers between files and must not be used by two goroutines at once. The trees it returns
// share nothing with it.
package parser

import (
	"slices"

	"stopper/internal/python/ast"
	"stopper/internal/source"
)

// Limits. Tripping one is a syntax error in the tree's list.
const (
	// MaxBytes bounds the text. Written code stays below 2 MB; data written as Python reaches 10 MB. A longer file
	// gets an empty tree.
	MaxBytes = 32 << 20
	// MaxTokens bounds the memory of one parse (16 bytes a token, about 24 more for the tree). What lies behind
	// the limit is not in the tree.
	MaxTokens = 8 << 20
	// maxIndent and maxBrackets are CPython's own limits.
	maxIndent   = 100
	maxBrackets = 200
	// maxDepth bounds the recursion of expressions. A pair of brackets can cost one level for each precedence, so
	// it is above what 200 brackets need in written code.
	maxDepth = 2500
	// maxChain bounds `a + a + …`, `a.b.c…` and `if … elif …`, which build a tree as high as they are long.
	// CPython refuses to compile such a tree at 1000 to 10000 levels, depending on its version.
	maxChain = 4000
	// maxHeight bounds the height of the whole tree, for everything that walks it by recursion.
	maxHeight = 12000
	// maxErrors ends the parse of a file that is evidently not Python.
	maxErrors = 100
)

// Options narrow the limits; the zero value means the package's own.
type Options struct {
	MaxBytes  int
	MaxTokens int
}

// Parse parses one file. Who parses many keeps a Parser.
func Parse(src *source.File, opts Options) *ast.File {
	p := New()
	p.opts = opts
	return p.Parse(src)
}

// Parser parses one file after the other with the same buffers.
type Parser struct {
	opts Options
	lex  lexer

	t     []token
	i     int
	k     kind
	nodes []ast.Node
	lists []uint32
	stack []uint32 // elements of the lists under construction
	text  []byte   // decoded values of string constants, one after the other
	lit   []byte   // literal text of f-strings that waits for its node; see pending
	ends  []uint32 // where each of them ends in text
	errs  []ast.SyntaxError
	depth int
	told  bool // the statement that fails has just reported why
	tall  bool // a chain was long enough to be worth measuring the tree's height
	full  bool // maxErrors was reached
}

// New returns a Parser for one goroutine.
func New() *Parser {
	p := &Parser{}
	p.lex.names.reset()
	return p
}

// Parse parses one file. The Src of the result is src, unless the text had to be decoded: then it is a new
// source.File with the same path and lines, and the spans are those of its UTF-8 text.
func (p *Parser) Parse(src *source.File) *ast.File {
	p.reset()
	limit := MaxBytes
	if p.opts.MaxBytes > 0 {
		limit = min(limit, p.opts.MaxBytes)
	}
	if len(src.Text) > limit {
		p.errs = append(p.errs, ast.SyntaxError{Msg: "file is too large to parse"})
		return p.empty(src)
	}
	src = p.decode(src)
	maxTokens := MaxTokens
	if p.opts.MaxTokens > 0 {
		maxTokens = min(maxTokens, p.opts.MaxTokens)
	}
	p.lex.tokenize(src.Text, maxTokens)
	p.t = p.lex.toks
	p.set(0)
	p.suite(tEOF)
	root := p.module()
	p.errs = append(p.errs, p.lex.errs...)
	if p.full || len(p.lex.errs) >= maxErrors {
		end := uint32(p.lex.n)
		p.errs = append(p.errs, ast.SyntaxError{Span: source.Span{Start: end, End: end}, Msg: "too many errors: the rest of the file is not analysed"})
	}
	slices.SortStableFunc(p.errs, byPosition)
	if len(p.errs) > 0 && p.isPython2() {
		return p.python2(src)
	}
	if p.tall && p.height() > maxHeight {
		p.errs = append(p.errs, ast.SyntaxError{Msg: "too deeply nested to analyse"})
		return p.empty(src)
	}
	return p.finish(src, root)
}

func (p *Parser) reset() {
	p.nodes = append(p.nodes[:0], ast.Node{})
	p.lists = append(p.lists[:0], 0)
	p.stack, p.text, p.ends, p.errs, p.lit = p.stack[:0], p.text[:0], p.ends[:0], p.errs[:0], p.lit[:0]
	p.depth, p.told, p.tall, p.full = 0, false, false, false
	p.lex.names.nextFile()
}

func (p *Parser) module() ast.NodeID {
	body := p.list(0)
	id := ast.NodeID(len(p.nodes))
	p.nodes = append(p.nodes, ast.Node{End: uint32(p.lex.n), A: body, Kind: ast.Module})
	return id
}

// empty is the tree of a text that is not analysed.
func (p *Parser) empty(src *source.File) *ast.File {
	return &ast.File{
		Src:    src,
		Nodes:  []ast.Node{{}, {End: uint32(len(src.Text)), Kind: ast.Module}},
		Lists:  []uint32{0},
		Names:  []string{""},
		Root:   1,
		Errors: slices.Clone(p.errs),
	}
}

func (p *Parser) finish(src *source.File, root ast.NodeID) *ast.File {
	f := &ast.File{
		Src:      src,
		Nodes:    slices.Clone(p.nodes),
		Lists:    slices.Clone(p.lists),
		Names:    slices.Clone(p.lex.names.local),
		Strings:  make([]string, len(p.ends)),
		Root:     root,
		Comments: slices.Clone(p.lex.comments),
		Errors:   slices.Clone(p.errs),
	}
	all, from := string(p.text), uint32(0)
	for i, end := range p.ends {
		f.Strings[i] = all[from:end]
		from = end
	}
	return f
}

// height measures the tree without recursion: a node is always made after everything below it.
func (p *Parser) height() uint32 {
	f := &ast.File{Nodes: p.nodes, Lists: p.lists}
	high := make([]uint32, len(p.nodes))
	var top uint32
	for id := range p.nodes {
		h := uint32(0)
		f.Children(ast.NodeID(id), func(c ast.NodeID) { h = max(h, high[c]) })
		high[id] = h + 1
		top = max(top, h+1)
	}
	return top
}

func byPosition(a, b ast.SyntaxError) int {
	if a.Span.Start != b.Span.Start {
		if a.Span.Start < b.Span.Start {
			return -1
		}
		return 1
	}
	return 0
}
