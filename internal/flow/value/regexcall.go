package value

import (
	"strings"

	"stopper/internal/ir"
	"stopper/internal/models"
)

func second(args []*Value, keyword *Value) *Value {
	if len(args) > 1 {
		return args[1]
	}
	return keyword
}

// matchValue is re.match(pattern, x, flags): a match that says something about x when it is not None.
func matchValue(fn string, args []*Value, kwargs map[string]*Value) *Value {
	x := second(args, kwargs["string"])
	flags := kwargs["flags"]
	if len(args) > 2 {
		flags = args[2]
	}
	if x == nil {
		return opaque("re.Match", args...)
	}
	return matched(fn, args[0], x, flags)
}

func matched(fn string, pat, x, flags *Value) *Value {
	r := &Value{Type: "re.Match", AnyObj: true, Taint: x.Taint, Marks: x.Marks}
	d := Derived{How: HowMatch, Of: x}
	if src, ok := OneStr(pat); ok {
		d.Kinds, d.Weak = regexEffect(fn, src, flags != nil, hasFlag(flags, "MULTILINE", "M"))
		if _, ok := oneClass(src, flags != nil); ok && fn == "re.search" {
			d.Missed = src
		} else if class := strings.TrimPrefix(src, "^"); class != src || fn == "re.match" {
			if _, ok := oneClass(class, flags != nil); ok && flags == nil {
				d.Missed = "^" + class
			}
		}
	}
	return deriveWith(r, d)
}

// hasFlag: the flags may include one of the names; a number or something unknown may.
func hasFlag(flags *Value, names ...string) bool {
	if flags == nil {
		return false
	}
	for i := range flags.Objs {
		for _, n := range names {
			if strings.HasSuffix(flags.Objs[i].Path, "."+n) || flags.Objs[i].Name == n {
				return true
			}
		}
	}
	return len(flags.Objs) == 0 && !flags.IsConst
}

// PatternMethod is a method of a compiled pattern: match, fullmatch, search, sub. False for others.
func PatternMethod(recv *Value, name string, args []*Value, kwargs map[string]*Value) (*Value, bool) {
	if recv == nil || recv.Type != "re.Pattern" || recv.From() == nil || recv.From().How != HowPattern {
		return nil, false
	}
	pat, flags := recv.From().Of, recv.From().Arg
	switch name {
	case "match", "fullmatch", "search":
		x := kwargs["string"]
		if len(args) > 0 {
			x = args[0]
		}
		if x == nil {
			return nil, false
		}
		return matched("re."+name, pat, x, flags), true
	case "sub":
		return substitute(append([]*Value{pat}, args...), map[string]*Value{"flags": flags}), true
	}
	return nil, false
}

// substitute is re.sub(pattern, repl, x). When the pattern is one class of characters, the result has none of them but
// what the replacement brings back: re.sub(r"[^\w-]", "", name).
func substitute(args []*Value, kwargs map[string]*Value) *Value {
	if len(args) < 3 || args[2] == nil {
		return opaqueText("str", args...)
	}
	x := args[2]
	r := opaqueText(textTypeOf(x), x, args[1])
	src, ok := OneStr(args[0])
	repl, ok2 := OneStr(args[1])
	if ok && ok2 && quotesFormulas(src, repl) && kwargs["flags"] == nil {
		r = Clear(r, models.Kinds(models.CSV))
	}
	if !ok || !ok2 || len(args) > 3 || strings.Contains(repl, `\`) {
		return r
	}
	gone, ok := oneClass(src, kwargs["flags"] != nil)
	if !ok {
		return r
	}
	left := sameClass(gone.inverse().union(charsOf(repl)))
	r = cutFacts(r, left)
	return Clear(r, left.clears())
}

// matchMissed is the result of re.search(r"[^a-z]", x) where it is None: x holds nothing but what the class leaves out.
func matchMissed(m *Value) *Value {
	if class, isFirst := strings.CutPrefix(m.From().Missed, "^"); isFirst {
		if gone, ok := oneClass(class, false); ok && opensFormulas(gone) {
			return pull(m, func(of *Value) *Value { return Clear(of, models.Kinds(models.CSV)) })
		}
		return m
	}
	gone, ok := oneClass(m.From().Missed, false)
	if !ok {
		return m
	}
	left := sameClass(gone.inverse())
	return pull(m, func(of *Value) *Value { return Clear(cutFacts(of, left), left.clears()) })
}

// opensFormulas: a text that begins with none of these characters is no formula of a spreadsheet.
func opensFormulas(c charset) bool {
	return c.has('=') && c.has('+') && c.has('-') && c.has('@')
}

// quotesFormulas: re.sub(r"^([=+\-@])", r"'\1", x) puts something in front of what would be a formula.
func quotesFormulas(src, repl string) bool {
	class, ok := strings.CutPrefix(src, "^")
	if !ok || repl == "" || strings.ContainsRune("=+-@\\\t\r", rune(repl[0])) {
		return false
	}
	if inner, ok := strings.CutPrefix(class, "("); ok {
		class = strings.TrimSuffix(strings.TrimPrefix(inner, "?="), ")")
	}
	gone, ok := oneClass(class, false)
	return ok && opensFormulas(gone)
}

func cutFacts(v *Value, c textClass) *Value {
	if !c.any.hasAny(`/\`) {
		v = slashless(v)
	}
	if !c.any.has('.') {
		v = noClimbing(v)
	}
	return v
}

// oneClass is the set of a pattern that consists of one class, perhaps repeated.
func oneClass(src string, fold bool) (charset, bool) {
	p := &pattern{src: strings.TrimSuffix(src, "+"), fold: fold}
	if p.src == "" || strings.ContainsRune("(^$|*?{", rune(p.src[0])) {
		return charset{}, false
	}
	l := p.atom()
	// A class with other characters keeps them apart only roughly: its inverse is then every other character.
	return l.any, !p.failed && p.pos == len(p.src) && !l.nullable
}

// isNone: the constant None and nothing else.
func isNone(v *Value) bool {
	return v != nil && v.IsConst && len(v.Consts()) == 1 && v.Consts()[0].Kind == ir.ConstNone
}
