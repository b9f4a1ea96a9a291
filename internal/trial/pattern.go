package trial

import (
	"regexp"
	"strings"
)

// pattern is a compiled expression, found what it matched.
type (
	pattern struct{ re *regexp.Regexp }
	found   struct{ text string }
)

// compile reads an expression of Python's, as far as both languages mean the same by it.
func (m *machine) compile(src string) (*regexp.Regexp, bool) {
	src = strings.ReplaceAll(src, `\Z`, `\z`)
	if strings.HasSuffix(src, "$") && !strings.HasSuffix(src, `\$`) {
		src = src[:len(src)-1] + `(?:\n?\z)`
	}
	re, err := regexp.Compile(src)
	if err != nil {
		m.fail()
	}
	return re, err == nil
}

// taken is how many arguments stand in front of the flags.
func taken(name string) int {
	switch name {
	case "compile":
		return 1
	case "sub":
		return 4
	}
	return 2
}

// flagsOf are the flags that a function of re is called with.
func flagsOf(name string, args []any, kw map[string]any) (any, bool) {
	if v, ok := kw["flags"]; ok {
		return v, true
	}
	if n := taken(name); len(args) > n {
		return args[n], true
	}
	return nil, false
}

func (m *machine) reCall(name string, args []any, kw map[string]any) any {
	src := ""
	if len(args) > 0 {
		switch p := args[0].(type) {
		case string:
			src = p
		case pattern:
			return m.match(p.re, name, args[1:])
		default:
			return m.fail()
		}
	}
	if flags, has := flagsOf(name, args, kw); has {
		if e, ok := flags.(external); !ok || e.path != "re.I" && e.path != "re.IGNORECASE" {
			return m.fail()
		}
		src = "(?i)" + src
		args = args[:min(len(args), taken(name))]
	}
	re, ok := m.compile(src)
	switch {
	case !ok:
		return none{}
	case name == "compile":
		return pattern{re}
	}
	return m.match(re, name, args[1:])
}

func (m *machine) match(re *regexp.Regexp, name string, args []any) any {
	if name == "sub" && len(args) == 2 {
		repl, ok := args[0].(string)
		s, isText := args[1].(string)
		if !ok || !isText || strings.ContainsAny(repl, `\$`) {
			return m.fail()
		}
		return m.bounded(re.ReplaceAllLiteralString(s, repl))
	}
	s, ok := only(args)
	if !ok {
		return m.fail()
	}
	at := re.FindStringIndex(s)
	switch name {
	case "search":
	case "match":
		if at = re.FindStringIndex(s); at != nil && at[0] != 0 {
			return m.anchored(re, s, `\A(?:`, `)`)
		}
	case "fullmatch":
		return m.anchored(re, s, `\A(?:`, `)\z`)
	default:
		return m.fail()
	}
	if at == nil {
		return none{}
	}
	return found{s[at[0]:at[1]]}
}

// anchored matches at the beginning of a text.
func (m *machine) anchored(re *regexp.Regexp, s, before, behind string) any {
	full, err := regexp.Compile(before + re.String() + behind)
	if err != nil {
		return m.fail()
	}
	if at := full.FindStringIndex(s); at != nil {
		return found{s[at[0]:at[1]]}
	}
	return none{}
}
