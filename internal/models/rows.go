package models

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The sections, one function each: it reads the row once and writes it to every entry the row stands for.

func (c *compiler) source(r *row) error {
	key, err := subject(r, "attr", "call")
	if err != nil {
		return err
	}
	kind := Remote
	if text := r.text("kind"); text != "" {
		var ok bool
		if kind, ok = ParseSourceKind(text); !ok {
			return fmt.Errorf("unknown source kind %q", text)
		}
	}
	return c.each(r, key, func(e *Entry) error {
		slot := &e.AttrSource
		if key == "call" {
			slot = &e.CallSource
		}
		if *slot != nil && !c.lenient {
			return errRepeated
		}
		name := r.text("name")
		if name == "" {
			name = sourceName(e.Path, key == "call")
		}
		*slot = &Source{Kind: kind, Name: name}
		return nil
	})
}

// sourceName makes "request.args" of "flask.Request.args".
func sourceName(path string, call bool) string {
	parts := strings.Split(path, ".")
	parts = parts[max(0, len(parts)-2):]
	if len(parts) == 2 {
		parts[0] = strings.ToLower(parts[0])
	}
	name := strings.Join(parts, ".")
	if call {
		name += "()"
	}
	return name
}

func (c *compiler) sink(r *row) error {
	key, err := subject(r, "call", "assign")
	if err != nil {
		return err
	}
	arg, err := argOf(r, "arg", "0")
	if err != nil {
		return err
	}
	conds, err := condsOf(r)
	if err != nil {
		return err
	}
	kinds, err := kindsOf(r.list("kind"))
	if err != nil {
		return err
	}
	return c.each(r, key, func(e *Entry) error {
		list := &e.Sinks
		if key == "assign" {
			list = &e.Assign
		}
		for k := SQL; k < NumKinds; k++ {
			if !kinds.Has(k) {
				continue
			}
			s := Sink{Kind: k, Arg: arg, Conds: conds, Note: r.text("note")}
			if slices.ContainsFunc(*list, s.same) {
				if err := c.repeated(); err != nil {
					return err
				}
				continue
			}
			*list = append(*list, s)
		}
		return nil
	})
}

func (s Sink) same(o Sink) bool {
	return s.Kind == o.Kind && s.Arg == o.Arg && slices.Equal(s.Conds, o.Conds)
}

func (c *compiler) sanitizer(r *row) error {
	s, err := sanitizerOf(r)
	if err != nil {
		return err
	}
	return c.each(r, "call", func(e *Entry) error {
		for _, o := range e.Sanitizers {
			if o.Kinds == s.Kinds && o.From == s.From && slices.Equal(o.Conds, s.Conds) {
				return c.repeated()
			}
		}
		e.Sanitizers = append(e.Sanitizers, s)
		return nil
	})
}

func sanitizerOf(r *row) (Sanitizer, error) {
	s := Sanitizer{Note: r.text("note")}
	var err error
	if s.From, err = argOf(r, "arg", "any"); err != nil {
		return s, err
	}
	if s.Conds, err = condsOf(r); err != nil {
		return s, err
	}
	s.Kinds, err = kindsOf(r.list("kinds"))
	return s, err
}

func (c *compiler) guard(r *row) error {
	arg, err := argOf(r, "arg", "0")
	if err != nil {
		return err
	}
	g := Guard{Arg: arg}
	if g.Kinds, err = kindsOf(r.list("kinds")); err != nil {
		return err
	}
	switch r.text("result") {
	case "", "true":
	case "false":
		g.Negate = true
	case "raises":
		g.Raises = true
	default:
		return errors.New(`result must be "true", "false" or "raises"`)
	}
	return c.each(r, "call", func(e *Entry) error {
		if slices.Contains(e.Guards, g) {
			return c.repeated()
		}
		e.Guards = append(e.Guards, g)
		return nil
	})
}

func (c *compiler) flow(r *row) error {
	var flows []Flow
	for _, from := range r.list("from") {
		f := Flow{To: noArg()}
		var err error
		if f.From, err = parseArg(from); err != nil {
			return err
		}
		if to := r.text("to"); to == "" || to == "return" {
			f.ToReturn = true
		} else if f.To, err = parseArg(to); err != nil {
			return err
		}
		flows = append(flows, f)
	}
	if len(flows) == 0 {
		return errors.New(`a row of flows needs "from"; a call that passes nothing on belongs in clean`)
	}
	return c.each(r, "call", func(e *Entry) error {
		e.FlowKnown = true
		for _, f := range flows {
			if slices.Contains(e.Flows, f) {
				if err := c.repeated(); err != nil {
					return err
				}
				continue
			}
			e.Flows = append(e.Flows, f)
		}
		return nil
	})
}

func (c *compiler) callback(r *row) error {
	b, err := callbackOf(r)
	if err != nil {
		return err
	}
	return c.each(r, "call", func(e *Entry) error {
		e.Callbacks = append(e.Callbacks, b)
		return nil
	})
}

func callbackOf(r *row) (Callback, error) {
	b := Callback{Spread: noArg(), Kwargs: noArg(), Rest: -1}
	var err error
	if b.Func, err = argOf(r, "func", "0"); err != nil {
		return b, err
	}
	for _, text := range r.list("args") {
		a, err := parseArg(text)
		if err != nil {
			return b, err
		}
		b.Args = append(b.Args, a)
	}
	if text := r.text("spread"); text != "" {
		if b.Spread, err = parseArg(text); err != nil {
			return b, err
		}
	}
	if text := r.text("kwargs"); text != "" {
		if b.Kwargs, err = parseArg(text); err != nil {
			return b, err
		}
	}
	if text := r.text("rest"); text != "" {
		if !isDigits(text) || len(text) > 1 {
			return b, fmt.Errorf("rest %q is no position below 10", text)
		}
		b.Rest = int(text[0] - '0')
	}
	return b, nil
}

func (c *compiler) constant(r *row) error {
	if len(r.list("value")) != 1 {
		return errors.New(`a row of consts needs "value"`)
	}
	return c.each(r, "attr", func(e *Entry) error {
		if e.HasConst {
			return c.repeated()
		}
		e.Const, e.HasConst = r.list("value")[0], true
		return nil
	})
}

func (c *compiler) alias(r *row) error {
	to := r.text("to")
	if !isPath(to) {
		return fmt.Errorf("%q is no dotted path", to)
	}
	for _, pattern := range r.list("from") {
		paths, err := expand(pattern)
		if err != nil {
			return err
		}
		for _, p := range paths {
			if p == to {
				return fmt.Errorf("%s is an alias of itself", p)
			}
			if old, ok := c.set.aliases[p]; ok && !c.lenient {
				return fmt.Errorf("%s is an alias of %s already", p, old)
			}
			c.set.aliases[p] = to
			c.module(p)
		}
	}
	return nil
}

// mark handles the sections that are lists of paths.
func (c *compiler) mark(r *row) error {
	return c.each(r, "path", func(e *Entry) error {
		flag := &e.FlowKnown
		switch r.section {
		case "noreturn":
			flag = &e.NoReturn
		case "events":
			flag = &e.Event
		case "contents":
			flag = &e.Contents
		}
		if *flag {
			return c.repeated()
		}
		*flag = true
		return nil
	})
}

func argOf(r *row, key, otherwise string) (ArgSel, error) {
	text := r.text(key)
	if text == "" {
		text = otherwise
	}
	return parseArg(text)
}

func condsOf(r *row) ([]Cond, error) {
	var out []Cond
	for _, text := range r.list("when") {
		c, err := parseCond(text)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// kindsOf reads kind names; "*" is every kind.
func kindsOf(names []string) (KindSet, error) {
	var out KindSet
	for _, name := range names {
		if name == "*" {
			out |= AllKinds
			continue
		}
		k, ok := ParseSinkKind(name)
		if !ok {
			return 0, fmt.Errorf("unknown sink kind %q", name)
		}
		out = out.With(k)
	}
	if out == 0 {
		return 0, errors.New("names no sink kind")
	}
	return out, nil
}
