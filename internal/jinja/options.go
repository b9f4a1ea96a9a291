package jinja

import "sort"

// Options are what an environment can say about the shape of its templates. The zero value is Jinja's default.
type Options struct {
	BlockStart, BlockEnd       string // {% %}
	VariableStart, VariableEnd string // {{ }}
	CommentStart, CommentEnd   string // {# #}
	LineStatement              string // "" for none
	LineComment                string // "" for none
	TrimBlocks                 bool
	LstripBlocks               bool
}

func (o Options) withDefaults() Options {
	set := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	set(&o.BlockStart, "{%")
	set(&o.BlockEnd, "%}")
	set(&o.VariableStart, "{{")
	set(&o.VariableEnd, "}}")
	set(&o.CommentStart, "{#")
	set(&o.CommentEnd, "#}")
	return o
}

// opening is what begins at a delimiter.
type opening uint8

const (
	openRaw opening = iota
	openVariable
	openLineStatement
	openLineComment
	openComment
	openBlock
)

// opener is a delimiter that begins something.
type opener struct {
	what opening
	text string
}

// openers are in the order in which Jinja tries them at one place: the longest first, then by the names of its tokens.
func (o Options) openers() []opener {
	all := []opener{
		{openVariable, o.VariableStart}, {openLineStatement, o.LineStatement}, {openLineComment, o.LineComment},
		{openComment, o.CommentStart}, {openBlock, o.BlockStart},
	}
	kept := all[:0]
	for _, op := range all {
		if op.text != "" {
			kept = append(kept, op)
		}
	}
	sort.SliceStable(kept, func(i, j int) bool { return len(kept[i].text) > len(kept[j].text) })
	return kept
}
