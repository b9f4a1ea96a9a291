// Package yamltree turns YAML into a tree whose every value knows its line.
//
// Aliases share the node they name, so a file of aliases of aliases costs what it has bytes, not what it would expand to;
// merge keys are looked up when asked. Size and nesting are bounded before the parser sees the text, because it recurses.
package yamltree

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// The limits. Real files nest under twenty levels and stay below a hundred kilobytes.
const (
	MaxBytes = 512 << 10
	maxDepth = 100
	// One line with more of these than any line of prose is an attack on a parser whose time grows with their square.
	maxIndicators = 2_000
	maxPairs      = 20_000 // what Pairs hands out of one mapping, merged ones included
)

// Kind is the shape of a node.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Scalar
	Map
	List
)

// Node is one value. A nil *Node is a value that is absent; all methods accept it.
type Node struct {
	Kind  Kind
	Text  string // of a scalar
	Line  int
	Items []*Node
	pairs []Pair
	merge []*Node
}

// Pair is one entry of a mapping.
type Pair struct {
	Key   string
	Line  int
	Value *Node
}

// Get is the value of a key, merged mappings included: own keys win, then earlier merges.
func (n *Node) Get(key string) *Node {
	for _, p := range n.Pairs() {
		if p.Key == key {
			return p.Value
		}
	}
	return nil
}

// Path follows keys.
func (n *Node) Path(keys ...string) *Node {
	for _, k := range keys {
		n = n.Get(k)
	}
	return n
}

// Str is a scalar's text, or "".
func (n *Node) Str() string {
	if n == nil || n.Kind != Scalar {
		return ""
	}
	return n.Text
}

// At is the node's line, 0 when absent.
func (n *Node) At() int {
	if n == nil {
		return 0
	}
	return n.Line
}

// List is the items of a list; a scalar counts as a list of one.
func (n *Node) List() []*Node {
	switch {
	case n == nil || n.Kind == Map || n.Kind == Null:
		return nil
	case n.Kind == Scalar:
		return []*Node{n}
	}
	return n.Items
}

// Pairs lists a mapping's entries in order, merged ones after its own, each key once.
func (n *Node) Pairs() []Pair {
	if n == nil || n.Kind != Map {
		return nil
	}
	if len(n.merge) == 0 {
		return n.pairs
	}
	var out []Pair
	seen, visited := map[string]bool{}, map[*Node]bool{}
	var add func(m *Node)
	add = func(m *Node) {
		if m == nil || visited[m] {
			return
		}
		visited[m] = true
		for _, p := range m.pairs {
			if !seen[p.Key] && len(out) < maxPairs {
				seen[p.Key] = true
				out = append(out, p)
			}
		}
		for _, b := range m.merge {
			add(b)
			for _, item := range b.Items {
				add(item)
			}
		}
	}
	add(n)
	return out
}

// Error is a text that is not YAML. Line is 0 when unknown.
type Error struct {
	Line    int
	Message string
}

func (e *Error) Error() string { return e.Message }

// AtLine is the line of the error; 0 when it speaks of the whole text.
func (e *Error) AtLine() int { return e.Line }

// Parse reads all documents of a text. The library's panics on broken input become errors.
func Parse(text []byte) (docs []*Node, err error) {
	if len(text) > MaxBytes {
		return nil, &Error{Message: fmt.Sprintf("YAML of more than %d bytes: not read", MaxBytes)}
	}
	if line := tooDeep(text); line > 0 {
		return nil, &Error{Line: line, Message: fmt.Sprintf("YAML nested more than %d levels deep: not read", maxDepth)}
	}
	defer func() {
		if r := recover(); r != nil {
			docs, err = nil, &Error{Message: "the YAML parser gave up on this text"}
		}
	}()
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, asError(err)
	}
	for _, d := range file.Docs {
		b := builder{anchors: map[string]*Node{}}
		if n := b.node(d.Body, 0); n != nil {
			docs = append(docs, n)
		}
	}
	return docs, nil
}

// asError keeps the first line of the library's message: the rest quotes the file, which may hold secrets.
func asError(err error) error {
	msg, _, _ := strings.Cut(err.Error(), "\n")
	out := &Error{Message: "not valid YAML"}
	var line, col int
	if n, _ := fmt.Sscanf(msg, "[%d:%d]", &line, &col); n == 2 {
		out.Line = line
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return out
}

// tooDeep bounds the three ways to nest: brackets, indicators on one line ("- - - x"), and indentation.
func tooDeep(text []byte) int {
	depth, line := 0, 1
	for len(text) > 0 {
		end := len(text)
		if i := strings.IndexByte(string(text[:min(end, 1<<16)]), '\n'); i >= 0 {
			end = i + 1
		}
		indicators := 0
		for _, c := range text[:end] {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			case '-', '?', ':', '!', '&':
				indicators++
			}
			if depth > maxDepth {
				return line
			}
		}
		if indent := len(text[:end]) - len(strings.TrimLeft(string(text[:end]), " ")); indicators > maxIndicators || indent > maxDepth*16 && indent < end-1 {
			return line
		}
		if text[end-1] == '\n' {
			line++
		}
		text = text[end:]
	}
	return 0
}

type builder struct {
	anchors map[string]*Node
}

func (b *builder) node(a ast.Node, depth int) *Node {
	if a == nil || depth > maxDepth*4 {
		return nil
	}
	line := 0
	if t := a.GetToken(); t != nil && t.Position != nil {
		line = t.Position.Line
	}
	switch x := a.(type) {
	case *ast.AnchorNode:
		n := b.node(x.Value, depth+1)
		if n != nil && x.Name != nil {
			b.anchors[x.Name.GetToken().Value] = n // only now: an alias inside its own anchor finds nothing
		}
		return n
	case *ast.AliasNode:
		if x.Value != nil {
			return b.anchors[x.Value.GetToken().Value]
		}
		return nil
	case *ast.TagNode:
		return b.node(x.Value, depth+1)
	case *ast.MappingNode:
		n := &Node{Kind: Map, Line: line}
		for i, v := range x.Values {
			b.pair(n, v, depth)
			if i == 0 && len(n.pairs) > 0 {
				n.Line = n.pairs[0].Line
			}
		}
		return n
	case *ast.MappingValueNode:
		n := &Node{Kind: Map, Line: line}
		b.pair(n, x, depth)
		return n
	case *ast.SequenceNode:
		n := &Node{Kind: List, Line: line}
		for _, v := range x.Values {
			item := b.node(v, depth+1)
			if item == nil {
				item = &Node{Line: line}
			}
			n.Items = append(n.Items, item)
		}
		return n
	case *ast.LiteralNode:
		if x.Value == nil {
			return &Node{Line: line}
		}
		return &Node{Kind: Scalar, Text: x.Value.Value, Line: line}
	case *ast.NullNode:
		return &Node{Line: line}
	case *ast.StringNode:
		return &Node{Kind: Scalar, Text: x.Value, Line: line}
	case ast.ScalarNode:
		return &Node{Kind: Scalar, Text: a.GetToken().Value, Line: line}
	}
	return &Node{Line: line}
}

func (b *builder) pair(into *Node, v *ast.MappingValueNode, depth int) {
	value := b.node(v.Value, depth+1)
	if _, ok := v.Key.(*ast.MergeKeyNode); ok {
		if value != nil {
			into.merge = append(into.merge, value)
		}
		return
	}
	key := b.node(v.Key, depth+1)
	if key == nil {
		return
	}
	into.pairs = append(into.pairs, Pair{Key: key.Text, Line: key.Line, Value: value})
}
