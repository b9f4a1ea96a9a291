// Package auth003 judges how passwords, keys and tokens are kept and compared.
package auth003

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-AUTH-003.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run looks at how passwords are kept and tried, comparisons of credentials, and tokens that carry the time of their making.
func (Rule) Run(p *rule.Pass) {
	p.Named(mayBeHash, func(at rule.Place) {
		if at.Mod.File.Kind(at.Node) == ast.Call {
			fastHash(p, at)
		} else {
			timing(p, at)
		}
	}, ast.Call, ast.Compare)
	handedOn(p)
	tokenAge(p)
	attempts(p, plainPassword(p))
}

var (
	// MD5 and SHA-1 are broken besides: FLASK-CRYPTO-001.
	hashName     = regexp.MustCompile(`^(sha(224|256|384|512|3_\d+)|blake2[bs]|new)$`)
	passwordName = regexp.MustCompile(`(?i)(^|_)(password|passwd|pwd|passphrase)$`)
	// made is what functions are called that make up a password: nobody has to remember it.
	made           = regexp.MustCompile(`(?i)(random|generate)`)
	credentialName = regexp.MustCompile(`(?i)(api[-_]?key|access[-_]?key|secret|token|signature|hmac|digest)$`)
)

// mayBeHash wants comparisons, and calls of hash functions.
func mayBeHash(n project.Name) bool {
	return n.Ident == "" || strings.HasPrefix(n.Path, "hashlib.") && hashName.MatchString(n.Ident)
}

// fastHash reports a password in a hash that is made to be fast. One that goes on into a slow one is left alone, and so is
// the lookup in a list of leaked passwords.
func fastHash(p *rule.Pass, at rule.Place) {
	f := at.Mod.File
	path := at.Path(f.SlotA(at.Node))
	name, ok := strings.CutPrefix(path, "hashlib.")
	if !ok {
		return
	}
	if algorithm, isText := f.Str(first(f, at.Node)); name == "new" && isText && (strings.EqualFold(algorithm, "md5") || strings.EqualFold(algorithm, "sha1")) {
		return
	}
	fn := p.Project.Flow.Func(at.Func)
	around := strings.ToLower(f.Text(fn.Node))
	if fn.Node != 0 && (strings.Contains(around, "bcrypt") || strings.Contains(around, "argon2") || strings.Contains(around, "pwned")) {
		return
	}
	for _, a := range f.ListB(at.Node) {
		if mentions(f, ast.NodeID(a), passwordName) {
			r := at.Report("fast-hash")
			r.Message = "the password goes into " + path + ", which can be tried billions of times a second"
			p.Report(r)
			return
		}
	}
}

// first is the first argument of a call; 0 when there is none.
func first(f *ast.File, call ast.NodeID) ast.NodeID {
	if args := f.ListB(call); len(args) > 0 {
		return ast.NodeID(args[0])
	}
	return 0
}

// mentions: a name, an attribute or a literal key in an expression matches.
func mentions(f *ast.File, root ast.NodeID, name *regexp.Regexp) bool {
	found := false
	f.Walk(root, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.Call:
			if made.MatchString(f.IdentOf(f.SlotA(n))) {
				found = found || slices.ContainsFunc(f.ListB(n), func(a uint32) bool { return mentions(f, ast.NodeID(a), name) })
				return false
			}
		case ast.Name, ast.Attribute:
			found = found || name.MatchString(f.IdentOf(n))
		case ast.Constant:
			s, ok := f.Str(n)
			found = found || ok && name.MatchString(s)
		}
		return !found
	})
	return found
}

// tokenAge reports tokens that know when they were made, and are read without asking.
func tokenAge(p *rule.Pass) {
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if !strings.HasPrefix(e.Callee, "itsdangerous.") || e.Func.Module.IsTest {
			continue
		}
		if !strings.HasSuffix(e.Callee, ".loads") && !strings.HasSuffix(e.Callee, ".unsign") {
			continue
		}
		if _, ok := e.Args.Keyword("max_age"); ok || len(e.Args.Pos) > 1 || e.Args.HasStarStar {
			continue
		}
		p.Report(p.At("token-age", e.Func, e.Node))
	}
}
