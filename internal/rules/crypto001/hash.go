package crypto001

import (
	"regexp"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/rule"
)

var (
	// forSecurity and notForSecurity are words around a hash that say what it is for.
	forSecurity = regexp.MustCompile(`(?i)passw|pwd|secret|token|signature|sign_|signed|hmac|\bmac\b|auth|credential|session|salt|api_?key|csrf|otp`)
	// A digest that only names or compares things of the program's own needs no strength.
	notForSecurity = regexp.MustCompile(`(?i)cache|etag|avatar|gravatar|colou?r|checksum|fingerprint|shard|bucket|dedup|duplicate|thumb|slug|version|revision|mtime|unique|identicon|short_?id|chunk|static|asset|email_?hash`)
	// The service that lists leaked passwords takes the first digits of their SHA-1.
	breachLookup = regexp.MustCompile(`(?i)pwned|hibp|leaked`)
)

// weakHash reports MD5 and SHA-1 unless the call, or the words around it, say that no security hangs on it.
func weakHash(p *rule.Pass, e *flow.Event) {
	name := broken(e)
	if name == "" || saysNoSecurity(e) {
		return
	}
	around := surroundings(e)
	secure := forSecurity.MatchString(around)
	if !secure && notForSecurity.MatchString(around) || breachLookup.MatchString(around) {
		return
	}
	f := p.At("weak-hash", e.Func, e.Node)
	f.Message = name + " is broken: two texts with one digest can be made"
	if secure {
		f.Severity = finding.Medium
	} else {
		f.Verdict = finding.Verify
		f.Confidence = finding.ConfidenceLow
		f.Reasons = append(f.Reasons, "what the digest is used for is not visible here")
	}
	p.Report(f)
}

// broken names the hash that a call makes when it is a broken one.
func broken(e *flow.Event) string {
	switch e.Callee {
	case "hashlib.md5", "Crypto.Hash.MD5.new", "cryptography.hazmat.primitives.hashes.MD5":
		return "MD5"
	case "hashlib.sha1", "Crypto.Hash.SHA.new", "Crypto.Hash.SHA1.new", "cryptography.hazmat.primitives.hashes.SHA1":
		return "SHA-1"
	case "Crypto.Hash.MD2.new", "Crypto.Hash.MD4.new":
		return "MD4"
	case "hashlib.new":
		a, _ := e.Args.At(0, "name")
		if a.Value == nil || !a.Value.IsConst {
			return ""
		}
		for _, c := range a.Value.Consts() {
			if c.Kind != ir.ConstStr {
				continue
			}
			switch strings.ToLower(strings.ReplaceAll(c.Str, "-", "")) {
			case "md4", "md5":
				return "MD5"
			case "sha", "sha1":
				return "SHA-1"
			}
		}
	}
	return ""
}

func saysNoSecurity(e *flow.Event) bool {
	a, ok := e.Args.Keyword("usedforsecurity")
	return ok && rule.IsFalse(a.Value)
}

// surroundings is the text that tells what a call is for: the name of the function, and the lines of the call with the
// one before and the two after it.
func surroundings(e *flow.Event) string {
	src := e.Func.Module.Source
	if src == nil {
		return e.Func.QualName
	}
	span := e.Func.SpanOf(e.Node)
	first, last := src.Line(span.Start), src.Line(span.End)
	out := e.Func.QualName
	for line := max(first-1, 1); line <= min(last+2, src.LineCount()); line++ {
		out += "\n" + src.LineText(line)
	}
	return out
}
