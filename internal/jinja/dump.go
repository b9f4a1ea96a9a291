package jinja

import (
	"fmt"
	"strings"
)

// Dump writes a node as nested lists: kind, text, flags, then Kids in (), Body and Else in {}. A missing kid is a dash.
// Data that only comments keep apart is one piece, with line breaks as Jinja gives them.
func Dump(n *Node) string {
	var b strings.Builder
	dump(&b, n)
	return b.String()
}

func dump(b *strings.Builder, n *Node) {
	if n == nil {
		b.WriteString("-")
		return
	}
	b.WriteString("(" + n.Kind.String())
	switch n.Kind {
	case Int, Float:
	default:
		if n.Text != "" {
			b.WriteString(" " + quote(n.Text))
		}
	}
	for f, name := range flagNames {
		if n.Has(1 << f) {
			b.WriteString(" " + name)
		}
	}
	for _, k := range n.Kids {
		b.WriteByte(' ')
		dump(b, k)
	}
	if n.Body != nil || n.Else != nil {
		dumpList(b, n.Body)
	}
	if n.Else != nil {
		dumpList(b, n.Else)
	}
	b.WriteByte(')')
}

var flagNames = [...]string{"scoped", "required", "ignore-missing", "context", "recursive", "elif", "trimmed", "plural"}

func dumpList(b *strings.Builder, list []*Node) {
	b.WriteString(" {")
	data := ""
	flush := func() {
		if data != "" {
			b.WriteString("(Data " + quote(strings.ReplaceAll(strings.ReplaceAll(data, "\r\n", "\n"), "\r", "\n")) + ")")
		}
		data = ""
	}
	for _, n := range list {
		if n.Kind == Data {
			data += n.Text
			continue
		}
		flush()
		dump(b, n)
	}
	flush()
	b.WriteByte('}')
}

// quote writes a text so that it has no space or bracket in it.
func quote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '.' || c >= 0x80 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return b.String()
}

// CheckSpans reports the first node whose span leaves the file or its parent, or is not the one that Spans holds.
func CheckSpans(t *Tree) error {
	if n := uint32(len(t.Src.Text)); t.Root.Span.Start != 0 || t.Root.Span.End != n {
		return fmt.Errorf("the root spans %v of %d bytes", t.Root.Span, n)
	}
	var err error
	var check func(n *Node)
	check = func(n *Node) {
		for _, list := range [...][]*Node{n.Kids, n.Body, n.Else} {
			for _, c := range list {
				if c == nil || err != nil {
					continue
				}
				if c.Span.Start < n.Span.Start || c.Span.End > n.Span.End || c.Span.End < c.Span.Start {
					err = fmt.Errorf("%s at %v leaves its parent %s at %v", c.Kind, c.Span, n.Kind, n.Span)
				}
				if int(c.ID) >= len(t.Spans) || t.Spans[c.ID] != c.Span {
					err = fmt.Errorf("%s at %v has another span in the table", c.Kind, c.Span)
				}
				check(c)
			}
		}
	}
	check(t.Root)
	return err
}
