package auth003

import (
	"regexp"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// timing reports request.headers["X-Api-Key"] == API_KEY: the time that the comparison takes tells how much was right.
func timing(p *rule.Pass, at rule.Place) {
	f := at.Mod.File
	words := f.ListB(at.Node)
	if len(words) != 2 {
		return
	}
	sides := [2]ast.NodeID{f.SlotA(at.Node), ast.NodeID(words[1])}
	if text := f.Text(at.Node); !strings.Contains(text, "==") && !strings.Contains(text, "!=") {
		return
	}
	for i, s := range sides {
		other := sides[1-i]
		if key, ok := requestKey(at, s); ok && credentialName.MatchString(key) && !strings.Contains(strings.ToLower(key), "csrf") && f.Kind(other) != ast.Constant && mentions(f, other, credentialName) {
			r := at.Report("timing")
			r.Message = "the " + key + " of the request is compared with ==, whose time tells how many characters were right"
			p.Report(r)
			return
		}
	}
}

// requestKey is the key of request.headers["key"], request.args.get("key") and their like.
func requestKey(at rule.Place, n ast.NodeID) (string, bool) {
	f := at.Mod.File
	switch f.Kind(n) {
	case ast.Subscript:
		if strings.HasPrefix(at.Path(f.SlotA(n)), "flask.request.") {
			return f.Str(f.SlotB(n))
		}
	case ast.Call:
		path := at.Path(f.SlotA(n))
		if strings.HasPrefix(path, "flask.request.") && strings.HasSuffix(path, ".get") {
			return f.Str(first(f, n))
		}
	}
	return "", false
}

// strongName is a credential whatever it stands in; a bare token may be a word of a language that is parsed.
var strongName = regexp.MustCompile(`(?i)(^|_)(api_?key|access_?key|secret_?key|(reset|access|auth|api|login|invite|verify|verification|activation|bearer|session|refresh)_?token)$`)

// notKept are words of what is no credential that somebody could find out: one for each session, which the first failure ends,
// the one that was used before, and the sample that nobody should have left in the settings.
var notKept = regexp.MustCompile(`(?i)csrf|default|sample|example|(^|[_ ])(last|old|previous|prev)_`)

// handedOn reports credentials that a function was passed, or took out of what it was passed, and compares with == to decide:
//
//	if apikey == user._apikey: return user
func handedOn(p *rule.Pass) {
	p.Nodes(func(at rule.Place) {
		f := at.Mod.File
		test := f.SlotA(at.Node)
		f.Walk(test, func(n ast.NodeID) bool {
			switch f.Kind(n) {
			case ast.Call, ast.Lambda, ast.Subscript, ast.Attribute: // User.api_key == key within a query is the database's affair
				return false
			case ast.Compare:
				compared(p, at, n)
				return false
			}
			return true
		})
	}, ast.If)
}

// compared judges one comparison of a condition.
func compared(p *rule.Pass, at rule.Place, n ast.NodeID) {
	f := at.Mod.File
	words := f.ListB(n)
	if len(words) != 2 || ast.Op(words[0]) != ast.Eq && (ast.Op(words[0]) != ast.NotEq || !refuses(f, at.Node)) {
		return
	}
	a, b := f.SlotA(n), ast.NodeID(words[1])
	if isRequest(at, a) || isRequest(at, b) {
		return // reported where it stands
	}
	given, kept := nameOf(f, a), nameOf(f, b)
	if f.Kind(a) == ast.Attribute && f.Kind(b) != ast.Attribute {
		a, b, given, kept = b, a, kept, given
	}
	switch f.Kind(a) {
	case ast.Name, ast.Subscript, ast.Call:
	default:
		return // two attributes: whether one has changed
	}
	if notKept.MatchString(given + " " + kept) {
		return
	}
	isStrong := strongName.MatchString(given) && strongName.MatchString(kept)
	isToken := given != kept && holdsToken(given) && holdsToken(kept) && (credentialName.MatchString(given) || credentialName.MatchString(kept))
	if f.Kind(b) == ast.Constant || !isStrong && !(isToken && len(p.Project.RoutesReaching(at.Func)) > 0) {
		return
	}
	r := p.At("timing", p.Project.Flow.Func(at.Func), n)
	r.Message = "the " + strings.TrimLeft(given, "_") + " is compared with ==, whose time tells how many characters were right"
	r.Confidence = finding.ConfidenceMedium
	r.Reasons = append(r.Reasons, "that it comes from a request is told by its name")
	p.Report(r)
}

// holdsToken: token, token_from_store, reset_token; not tokens, nor a token_type.
func holdsToken(name string) bool {
	for _, w := range strings.Split(strings.ToLower(name), "_") {
		if w == "token" {
			return !strings.Contains(strings.ToLower(name), "type")
		}
	}
	return false
}

func isRequest(at rule.Place, n ast.NodeID) bool {
	_, ok := requestKey(at, n)
	return ok
}

// nameOf is what an operand is called: a variable, an attribute, a literal key, or the key that a get asks for.
func nameOf(f *ast.File, n ast.NodeID) string {
	switch f.Kind(n) {
	case ast.Name, ast.Attribute:
		return f.IdentOf(n)
	case ast.Subscript:
		s, _ := f.Str(f.SlotB(n))
		return s
	case ast.Call:
		if f.IdentOf(f.SlotA(n)) == "get" {
			s, _ := f.Str(first(f, n))
			return s
		}
	}
	return ""
}

// refuses: the branch ends by turning somebody away.
func refuses(f *ast.File, branch ast.NodeID) bool {
	body := f.Body(branch)
	if len(body) == 0 {
		return false
	}
	last := ast.NodeID(body[len(body)-1])
	switch f.Kind(last) {
	case ast.Raise:
		return true
	case ast.Return, ast.Expr:
		text := strings.ToLower(f.Text(last))
		for _, w := range [...]string{"abort", "false", "none", "401", "403", "unauthori", "forbidden", "redirect"} {
			if strings.Contains(text, w) {
				return true
			}
		}
	}
	return false
}
