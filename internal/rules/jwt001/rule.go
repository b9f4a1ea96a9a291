// Package jwt001 judges how JSON Web Tokens are made and read.
package jwt001

import (
	_ "embed"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-JWT-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every call that makes or reads a token.
func (Rule) Run(p *rule.Pass) {
	verified := verifyingFunctions(p)
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if e.Func.Module.IsTest {
			continue
		}
		switch {
		case isRead(e):
			read(p, e, verified[e.Func.ID])
		case isWrite(e):
			write(p, e)
		}
	}
	chosenByToken(p)
	handmade(p, verified)
	signers(p)
}

// authlib is the class of Authlib that makes and reads tokens. What it gives was not compared with the clock yet.
const authlib = "authlib.jose.JsonWebToken"

func isRead(e *flow.Event) bool {
	switch e.Callee {
	case "jwt.decode", "jwt.decode_complete", "jose.jwt.decode", "jose.jwt.get_unverified_claims", authlib + ".decode":
		return true
	}
	return false
}

func isWrite(e *flow.Event) bool {
	return e.Callee == "jwt.encode" || e.Callee == "jose.jwt.encode" || e.Callee == authlib+".encode"
}

// verifyingFunctions also look into a token before its signature is verified, to find the key for that.
func verifyingFunctions(p *rule.Pass) map[ir.FuncID]bool {
	out := map[ir.FuncID]bool{}
	for i := range p.Project.Flow.Events {
		if e := &p.Project.Flow.Events[i]; isRead(e) && !isUnverified(p, e) {
			out[e.Func.ID] = true
		}
	}
	return out
}

func isUnverified(p *rule.Pass, e *flow.Event) bool {
	if e.Callee == "jose.jwt.get_unverified_claims" {
		return true
	}
	if a, ok := e.Args.Keyword("verify"); ok && rule.IsFalse(a.Value) {
		ignored, known := p.AtLeast("pyjwt", "2.0") // from then on, only the option counts
		if !known || !ignored || !strings.HasPrefix(e.Callee, "jwt.") {
			return true
		}
	}
	options, _ := e.Args.Keyword("options")
	signature, ok := options.Key("verify_signature")
	return ok && rule.IsFalse(signature.Value)
}

func read(p *rule.Pass, e *flow.Event, verifiedHere bool) {
	switch {
	case isUnverified(p, e):
		if !verifiedHere && !isPeek(e) && !isHandedToCheck(e) {
			report(p, e, "unverified", "the token is read without verifying its signature")
		}
		return
	case names(e, "algorithms", "none"):
		f := p.At("none", e.Func, e.Node)
		f.Severity = finding.Low
		f.Message = "the list of accepted algorithms names none, which PyJWT and python-jose refuse all the same"
		p.Report(f)
	}
	expiry(p, e)
	key(p, e, 1)
}

func write(p *rule.Pass, e *flow.Event) {
	isUnsigned, keyAt, payloadAt := names(e, "algorithm", "none"), 1, 0
	if e.Callee == authlib+".encode" { // (header, payload, key)
		header, _ := e.Args.At(0, "header")
		alg, _ := header.Key("alg")
		text, _ := alg.Value.ConstStr()
		isUnsigned, keyAt, payloadAt = strings.EqualFold(text, "none"), 2, 1
	}
	if isUnsigned {
		report(p, e, "none", "the token is not signed")
	} else {
		key(p, e, keyAt)
	}
	payload, _ := e.Args.At(payloadAt, "payload")
	if _, ok := payload.Key("exp"); !ok && payload.IsDict && !e.Args.HasStarStar {
		report(p, e, "no-expiry", "the token never expires")
	}
}

// names reports whether an argument, or an element of the list that it is, is a certain word.
func names(e *flow.Event, arg, word string) bool {
	a, ok := e.Args.At(2, arg)
	if !ok {
		return false
	}
	for _, x := range append([]flow.Arg{a}, a.Elems...) {
		if s, known := x.Value.ConstStr(); known && strings.EqualFold(s, word) {
			return true
		}
	}
	return false
}

// chosenByToken reports signatures that are checked in the way that whoever sent the token asks for. Recent versions of PyJWT
// refuse a public key as a secret; every version of it and of python-jose refuses "none" when it reads.
func chosenByToken(p *rule.Pass) {
	type call struct {
		fn   ir.FuncID
		node ast.NodeID
	}
	unverified := map[call]bool{}
	for i := range p.Project.Flow.Events {
		if e := &p.Project.Flow.Events[i]; isRead(e) && isUnverified(p, e) {
			unverified[call{e.Func.ID, e.Node}] = true
		}
	}
	for _, h := range p.Project.Hits(models.Algorithm) {
		if unverified[call{h.Func.ID, h.Node}] {
			continue // reported as that
		}
		f := p.OnHit("none", h)
		f.Severity = finding.High
		f.Message = "the token itself says how its signature is checked: with HS256, the public key is its secret where the library does not refuse that"
		p.Report(f)
	}
}

// key reports a signing key that stands in the code. Public keys may.
func key(p *rule.Pass, e *flow.Event, at int) {
	a, ok := e.Args.At(at, "key")
	if !ok {
		return
	}
	text, known := a.Value.ConstStr()
	if known && isKey(text) {
		report(p, e, "hardcoded-key", "the key that signs tokens stands in the code").Secret = true
		return
	}
	if known || a.Value == nil {
		return
	}
	if w, ok := p.WrittenKey(e.Func.Module, e.Func, a.Node); ok && isKey(w.Text) {
		f := p.At("hardcoded-key", e.Func, e.Node)
		f.Secret = true
		f.Message = "the key that signs tokens falls back to a text in the code where nothing else gives one"
		f.Flow = w.Flow(f, "signs tokens")
		p.Report(f)
	}
}

func isKey(text string) bool {
	return text != "" && !strings.Contains(text, "PUBLIC KEY") && !strings.Contains(text, "CERTIFICATE")
}

// signers are the classes of itsdangerous, which sign links and tokens with the key that they are made with.
func signers(p *rule.Pass) {
	p.Named(isSigner, func(at rule.Place) {
		f := at.Mod.File
		args := f.ListB(at.Node)
		if len(args) == 0 {
			return
		}
		n := ast.NodeID(args[0])
		if v := f.KeywordArg(at.Node, "secret_key"); v != 0 {
			n = v
		}
		w, ok := p.WrittenKey(at.Mod, p.Project.Flow.Func(at.Func), n)
		if !ok {
			return
		}
		r := at.Report("hardcoded-key")
		r.Secret = true
		r.Message = "the key that signs links and tokens stands in the code"
		r.Flow = w.Flow(r, "signs links and tokens")
		p.Report(r)
	}, ast.Call)
}

func isSigner(n project.Name) bool {
	return strings.HasPrefix(n.Path, "itsdangerous.") && (strings.HasSuffix(n.Path, "Serializer") || strings.HasSuffix(n.Path, "Signer"))
}

func report(p *rule.Pass, e *flow.Event, slug, message string) *finding.Finding {
	f := p.At(slug, e.Func, e.Node)
	f.Message = message
	p.Report(f)
	return f
}
