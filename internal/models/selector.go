package models

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	maxPos     = 64   // no real signature has more positional parameters
	maxExpand  = 4096 // paths that one row may stand for
	maxPathLen = 300
)

// noArg selects nothing.
func noArg() ArgSel { return ArgSel{Pos: NoPos} }

// IsNone reports whether the selector selects nothing.
func (a ArgSel) IsNone() bool {
	return a.Pos == NoPos && a.Name == "" && !a.Self && !a.Any
}

// parseArg reads a selector:
//
//	0   sql   0|sql        an argument by position, by keyword, or either
//	*   1*                 every positional argument (from 1 on)
//	any                    every argument, however it is passed
//	self                   the receiver
//	0[]  0[0]  0[1:]       the elements of a list or values of a dict, its first element, all but the first
//	1|headers[Location]    one entry of a dict
func parseArg(text string) (ArgSel, error) {
	a := noArg()
	base := text
	if open := strings.IndexByte(text, '['); open >= 0 {
		if !strings.HasSuffix(text, "]") {
			return a, fmt.Errorf("selector %q: '[' without ']' at the end", text)
		}
		base = text[:open]
		if err := a.setElement(text[open+1 : len(text)-1]); err != nil {
			return a, fmt.Errorf("selector %q: %w", text, err)
		}
	}
	if err := a.setBase(base); err != nil {
		return a, fmt.Errorf("selector %q: %w", text, err)
	}
	return a, nil
}

func (a *ArgSel) setElement(inner string) error {
	switch {
	case inner == "":
		a.Elem = true
	case inner == "0":
		a.First = true
	case inner == "1:":
		a.Rest = true
	case strings.ContainsAny(inner, "[]|*"):
		return errors.New("brackets hold nothing, 0, 1: or one key")
	default:
		a.Key = inner
	}
	return nil
}

func (a *ArgSel) setBase(base string) error {
	switch base {
	case "self":
		a.Self = true
		return nil
	case "any":
		a.Any = true
		return nil
	case "*":
		a.Pos = EveryPos
		return nil
	}
	pos, name, both := strings.Cut(base, "|")
	if !both && !isDigits(strings.TrimSuffix(pos, "*")) {
		pos, name = "", base
	}
	if pos != "" {
		if err := a.setPos(pos); err != nil {
			return err
		}
	}
	if name != "" && !isIdentifier(name) {
		return fmt.Errorf("%q is no keyword", name)
	}
	if pos == "" && name == "" || both && (pos == "" || name == "") {
		return errors.New("empty")
	}
	a.Name = name
	return nil
}

func (a *ArgSel) setPos(pos string) error {
	digits, every := strings.CutSuffix(pos, "*")
	n, err := strconv.Atoi(digits)
	if err != nil || !isDigits(digits) || n > maxPos {
		return fmt.Errorf("%q is no position", pos)
	}
	if every {
		a.Pos, a.Min = EveryPos, n
		return nil
	}
	a.Pos = n
	return nil
}

// parseCond reads a condition: shell=True, 1|mode~w|a|x, !filter, autoescape?=False, mimetype!=text/plain.
func parseCond(text string) (Cond, error) {
	c := Cond{Pos: NoPos}
	rest, negate := strings.CutPrefix(strings.TrimSpace(text), "!")
	at := strings.IndexAny(rest, "=~!?")
	if at < 0 {
		c.Op, c.Negate = CondPresent, negate
		return c, c.setArg(rest, text)
	}
	if negate {
		return c, fmt.Errorf("condition %q: a leading ! takes no comparison", text)
	}
	name, op := rest[:at], rest[at:]
	if op, c.Missing = strings.CutPrefix(op, "?"); op == "" {
		return c, fmt.Errorf("condition %q: no comparison after ?", text)
	}
	op, c.Negate = strings.CutPrefix(op, "!")
	switch {
	case strings.HasPrefix(op, "="):
		c.Op = CondEqual
	case strings.HasPrefix(op, "~"):
		c.Op = CondContains
	default:
		return c, fmt.Errorf("condition %q: want =, !=, ~ or !~", text)
	}
	if c.Value = op[1:]; c.Value == "" {
		return c, fmt.Errorf("condition %q: no value", text)
	}
	return c, c.setArg(name, text)
}

func (c *Cond) setArg(name, text string) error {
	a, err := parseArg(name)
	if err != nil {
		return fmt.Errorf("condition %q: %w", text, err)
	}
	if a.Pos == EveryPos || a != (ArgSel{Pos: a.Pos, Name: a.Name, Key: a.Key}) {
		return fmt.Errorf("condition %q: want a position, a keyword, or both, and perhaps one [key]", text)
	}
	c.Arg, c.Pos, c.Key = a.Name, a.Pos, a.Key
	return nil
}

// Match compares a known argument's text ("True", "None", or the string itself); it is for an argument that is given.
func (c Cond) Match(value string) bool {
	if c.Op == CondPresent {
		return !c.Negate
	}
	for alt := range strings.SplitSeq(c.Value, "|") {
		if value == alt || c.Op == CondContains && strings.Contains(value, alt) {
			return !c.Negate
		}
	}
	return c.Negate
}

// MatchAbsent answers for an argument that is not given.
func (c Cond) MatchAbsent() bool {
	if c.Op == CondPresent {
		return c.Negate
	}
	return c.Missing || c.Negate
}

// expand resolves brace alternatives: "a.{b,c}.d" is "a.b.d" and "a.c.d". Braces do not nest. Every result is a dotted path.
func expand(pattern string) ([]string, error) {
	out := []string{""}
	rest := pattern
	for rest != "" {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			out = appendAll(out, []string{rest})
			break
		}
		end := strings.IndexByte(rest, '}')
		if end < open {
			return nil, fmt.Errorf("path %q: unbalanced braces", pattern)
		}
		alts := strings.Split(rest[open+1:end], ",")
		if len(out)*len(alts) > maxExpand {
			return nil, fmt.Errorf("path %q stands for more than %d paths", pattern, maxExpand)
		}
		out = appendAll(appendAll(out, []string{rest[:open]}), alts)
		rest = rest[end+1:]
	}
	for i, p := range out {
		out[i] = strings.TrimSuffix(p, ".") // "{,x}" at the end stands for nothing
		if !isPath(out[i]) {
			return nil, fmt.Errorf("path %q: %q is no dotted path", pattern, out[i])
		}
	}
	return out, nil
}

func appendAll(heads, tails []string) []string {
	if len(tails) == 1 && tails[0] == "" {
		return heads
	}
	out := make([]string, 0, len(heads)*len(tails))
	for _, h := range heads {
		for _, t := range tails {
			out = append(out, h+t)
		}
	}
	return out
}

func isPath(p string) bool {
	if len(p) > maxPathLen {
		return false
	}
	for part := range strings.SplitSeq(p, ".") {
		if !isIdentifier(part) {
			return false
		}
	}
	return true
}

func isIdentifier(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
