package trial

import (
	"strings"

	"stopper/internal/bug"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Verdict is what a function that checks an address is worth.
type Verdict struct {
	// Param is the parameter that holds the address; -1 when the function reads it from the request itself.
	Param int
	// Answer is how the function tells that an address may be used.
	Answer Answer
	// Elem is the element of the returned tuple that holds the answer; -1 when it is the whole.
	Elem int
	// Defeats is an address that gets through and should not; "" when none of those that we know does.
	Defeats string
}

// Answer is how a check says yes.
type Answer uint8

// Answers.
const (
	Truth   Answer = iota // it returns something true
	Denial                // it returns something false: is_external(url)
	Address               // it returns an address that is safe to use
	Returns               // it returns at all, and raises otherwise
)

const site = "site.example"

// foreign are addresses of another site in the shapes by which checks were defeated.
var foreign = [...]string{
	"https://evil.example/", "http://evil.example", "//evil.example", "////evil.example", "/////evil.example/x", "///evil.example",
	"https:evil.example", "http:evil.example", "https:/evil.example", "http:/evil.example", "https:///evil.example", "http:///evil.example", `/\evil.example`, `\\evil.example`,
	`\/evil.example`, `https:\\evil.example`, "/\t/evil.example", "\t//evil.example", " //evil.example", "/\n/evil.example", "\x01//evil.example",
	"https://site.example@evil.example/", "https://site.example.evil.example/", "//site.example.evil.example", "https://evil.example/https://site.example/",
	"https://evil.example/?site.example", "https://evilsite.example/", `https://site.example\@evil.example`, `https://evil.example\site.example`,
	`https://evil.example\@site.example`, `//evil.example\@site.example/`,
	"HTTPS://evil.example", "//evil.example/site.example", "//evil", "https:evil", "////evil", `/\evil`, "/\t/evil",
}

// own are addresses of the site itself; a function that refuses all of them was not understood.
var own = [...]string{"/", "/account", "account", "/account?tab=1", "https://site.example/account", "http://site.example/account"}

// Redirects tries out all functions of a program that look at the parts of an address.
func Redirects(prog *semantic.Program, rep *bug.Reporter) map[ir.FuncID]Verdict {
	out := map[ir.FuncID]Verdict{}
	for _, m := range prog.Modules {
		if m.File == nil || m.IsTest || !mentionsURL(m.File) {
			continue
		}
		info := prog.Info(m)
		for i := range info.Funcs {
			if node := info.Funcs[i].Node; m.File.Kind(node) == ast.FunctionDef && isCheck(m.File, node) {
				id := prog.FuncID(m, uint32(i))
				survive(prog, rep, id, func() {
					if v, ok := tryRedirect(prog, id, m.File, node); ok {
						out[id] = v
					}
				})
			}
		}
	}
	return out
}

// mentionsURL reports whether a file takes addresses apart, or has a function that sounds like a check of one.
func mentionsURL(f *ast.File) bool {
	for _, name := range f.Names {
		switch name {
		case "urlparse", "urlsplit", "url_parse", "netloc", "host_url", "unquote", "startswith", "match", "fullmatch":
			return true
		}
	}
	return false
}

// maxBody bounds the text of functions that are tried; checks are short.
const maxBody = 4 << 10

// shown writes the characters of an address that cannot be seen.
var shown = strings.NewReplacer("\t", "<TAB>", "\n", "<LF>", "\x01", "<0x01>", " ", "<space>")

// isCheck: the function sounds like one that judges or gives an address.
func isCheck(f *ast.File, fn ast.NodeID) bool {
	if length(f, fn) > maxBody {
		return false
	}
	name := strings.ToLower(f.IdentOf(fn))
	for _, w := range [...]string{"url", "redirect", "next", "target", "host", "local", "back", "referrer"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// namesHosts: a parameter or variable is called like the hosts that a redirect may lead to.
func namesHosts(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "host") || strings.Contains(name, "domain") || strings.Contains(name, "netloc")
}

// tryRedirect runs a function with addresses of this site and of others. It says nothing unless each trial has an answer.
func tryRedirect(prog *semantic.Program, id ir.FuncID, f *ast.File, fn ast.NodeID) (Verdict, bool) {
	t := trial{prog: prog, id: id, param: -1}
	for i, p := range f.Params(fn) {
		arg := ast.NodeID(p)
		switch name := f.IdentOf(arg); {
		case i == 0 && (name == "self" || name == "cls"):
			t.before = append(t.before, external{"self"})
		case f.ParamKindOf(arg) > ast.PosOrKeyword:
		case t.param < 0 && f.SlotC(arg) == 0:
			t.param = i
		case t.param < 0:
		case f.SlotC(arg) == 0:
			switch {
			case namesHosts(name):
				t.after = append(t.after, &list{[]any{site}})
			case strings.Contains(name, "paths"):
				t.after = append(t.after, &list{[]any{"/", "/account"}})
			case strings.Contains(name, "default") || strings.Contains(name, "fallback"):
				t.after = append(t.after, "/")
			default:
				return Verdict{}, false
			}
		}
	}
	v := Verdict{Param: t.param, Elem: -1}
	kind, ok := t.kind()
	if !ok {
		return v, false
	}
	v.Answer = kind
	for _, base := range [...]string{"https://" + site + "/", "http://" + site + "/"} {
		for _, to := range foreign {
			r, raised, ok := t.run(base, to)
			if !ok {
				return v, false
			}
			if !raised && accepts(kind, r, to) {
				v.Defeats = shown.Replace(to)
				return v, kind != Denial // that of another question: does it look like an address?
			}
		}
	}
	return v, true
}

// accepts: the answer lets a browser go to a foreign address.
func accepts(kind Answer, r any, to string) bool {
	switch kind {
	case Address:
		s, isText := r.(string)
		return isText && leaves(s, site)
	case Returns:
		return true
	}
	yes, _ := r.(bool)
	return yes == (kind == Truth) && leaves(to, site)
}

// trial is how a function is called.
type trial struct {
	prog          *semantic.Program
	id            ir.FuncID
	param         int
	before, after []any
	fuel, tank    int      // steps taken, and how many may be
	seen          []string // see machine
	ran           map[string][]outcome
}

func (t *trial) run(base, to string) (result any, raised, ok bool) {
	m := &machine{prog: t.prog, base: base, input: to}
	var args []any
	if t.param >= 0 {
		args = append(append(append(args, t.before...), to), t.after...)
	} else {
		args = append(args, t.before...)
	}
	r := m.call(t.id, args, nil)
	if m.asked > 0 || isVague(r) {
		return nil, false, false
	}
	if m.raised {
		return nil, true, !m.lost
	}
	if _, isMatch := r.(found); isMatch {
		r = true
	}
	if _, isNone := r.(none); isNone && !m.lost {
		return r, false, true
	}
	return r, false, !m.lost
}

// kind finds out how the function says yes to addresses of the site, and no to the plainest foreign one. What lets that one
// through is no check.
func (t *trial) kind() (Answer, bool) {
	base := "https://" + site + "/"
	far, refused, ok := t.run(base, foreign[0])
	if !ok {
		return 0, false
	}
	for _, to := range own {
		near, raised, ok := t.run(base, to)
		if !ok {
			return 0, false
		}
		if raised {
			continue
		}
		yes, isBool := near.(bool)
		switch s, isText := near.(string); {
		case isText && (s == to || s == base[:len(base)-1]+to || s == base+to):
			return Address, far != any(foreign[0])
		case isText:
		case refused:
			return Returns, !isBool || yes
		case isBool && yes && far != any(true):
			return Truth, true
		case isBool && !yes && far == any(true):
			return Denial, true
		}
	}
	return 0, false
}
