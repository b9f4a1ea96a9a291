package models

import (
	"errors"
	"fmt"
)

// The sections about schema libraries.

func (c *compiler) check(r *row) error {
	k, err := checkOf(r)
	if err != nil {
		return err
	}
	return c.each(r, "call", func(e *Entry) error {
		e.Checks = append(e.Checks, k)
		return nil
	})
}

func checkOf(r *row) (Check, error) {
	var k Check
	var err error
	if r.has("kinds") {
		if k.Kinds, err = kindsOf(r.list("kinds")); err != nil {
			return k, err
		}
	}
	for _, part := range []struct {
		key string
		to  *ArgSel
	}{{"pattern", &k.Pattern}, {"inner", &k.Inner}, {"each", &k.Each}, {"keys", &k.Keys}, {"values", &k.Values}, {"makes", &k.Makes}, {"schema", &k.Schema}} {
		if *part.to, err = optionalArg(r, part.key); err != nil {
			return k, err
		}
	}
	says := k.Kinds != 0
	for _, a := range [...]*ArgSel{&k.Pattern, &k.Inner, &k.Each, &k.Keys, &k.Values, &k.Makes, &k.Schema} {
		says = says || !a.IsNone()
	}
	if !says {
		return k, errors.New(`a row of checks needs "kinds", "pattern", "inner", "each", "keys", "values", "makes" or "schema"`)
	}
	switch r.text("asks") {
	case "", "value":
	case "truth":
		k.Asks = AsksTruth
	case "field":
		k.Asks = AsksField
	default:
		return k, fmt.Errorf("asks %q is none of value, truth and field", r.text("asks"))
	}
	switch k.By = r.text("by"); k.By {
	case "match", "search", "fullmatch", "rust":
	case "":
		k.By = "match"
	default:
		return k, fmt.Errorf("by %q is none of match, search, fullmatch and rust", k.By)
	}
	k.Conds, err = condsOf(r)
	return k, err
}

// optionalArg selects nothing where the row does not have the key.
func optionalArg(r *row, key string) (ArgSel, error) {
	if !r.has(key) {
		return noArg(), nil
	}
	return parseArg(r.text(key))
}

func (c *compiler) load(r *row) error {
	l := Loading{Makes: r.text("makes") == "true"}
	var err error
	if l.Schema, err = argOf(r, "schema", "self"); err != nil {
		return err
	}
	if l.From, err = optionalArg(r, "from"); err != nil {
		return err
	}
	return c.each(r, "call", func(e *Entry) error {
		if e.Loading != nil {
			return c.repeated()
		}
		e.Loading = &l
		return nil
	})
}

func parseHook(text string) Hook {
	switch text {
	case "value":
		return HookValue
	case "truth":
		return HookTruth
	case "whole":
		return HookWhole
	case "result":
		return HookResult
	case "input":
		return HookInput
	}
	return NoHook
}

func (c *compiler) hook(r *row) error {
	kind := parseHook(r.text("gives"))
	if kind == NoHook {
		return fmt.Errorf("gives %q is none of value, truth, whole, input and result", r.text("gives"))
	}
	return c.each(r, "call", func(e *Entry) error {
		if e.Hook != NoHook {
			return c.repeated()
		}
		e.Hook = kind
		return nil
	})
}

func (c *compiler) injection(r *row) error {
	var in Injection
	var err error
	if in.Schema, err = optionalArg(r, "schema"); err != nil {
		return err
	}
	switch names := r.text("names"); names {
	case "":
		in.AsNames.Pos = NoPos
	case "always":
		in.ByName = true
	default:
		if in.AsNames, err = parseCond(names); err != nil {
			return err
		}
	}
	return c.each(r, "call", func(e *Entry) error {
		if e.Injects != nil {
			return c.repeated()
		}
		e.Injects = &in
		return nil
	})
}
