package models

import (
	"errors"
	"fmt"
)

// The sections about what is kept by name.

func (c *compiler) store(r *row) error {
	key, err := subject(r, "class", "call")
	if err != nil {
		return err
	}
	s := Store{Place: r.text("place"), Finds: r.text("finds") == "true"}
	for _, part := range []struct {
		key string
		to  *ArgSel
	}{{"key", &s.Key}, {"field", &s.Field}, {"value", &s.Value}, {"mapping", &s.Mapping}} {
		if *part.to, err = optionalArg(r, part.key); err != nil {
			return err
		}
	}
	if r.has("kinds") {
		if s.Kinds, err = kindsOf(r.list("kinds")); err != nil {
			return err
		}
	}
	switch words := r.text("words"); words {
	case "", "written":
	case "own":
		s.Words = WordsOwn
	case "setting":
		s.Words = WordsSetting
	case "attributes":
		s.Words = WordsAttributes
	default:
		return fmt.Errorf("words %q are none of written, own, setting and attributes", words)
	}
	switch {
	case s.Place == "":
		return errors.New(`a row of stores needs "place"`)
	case key == "call" && s.Value.IsNone() && s.Mapping.IsNone() && !s.Finds:
		return errors.New(`a call row of stores needs "value", "mapping" or "finds"`)
	case key == "call" && s.Key.IsNone() && s.Mapping.IsNone():
		return errors.New(`a call row of stores needs "key"`)
	}
	return c.each(r, key, func(e *Entry) error {
		if e.Store != nil {
			return c.repeated()
		}
		e.Store = &s
		e.IsType = e.IsType || key == "class"
		return nil
	})
}
