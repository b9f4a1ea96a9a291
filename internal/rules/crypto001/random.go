package crypto001

import (
	"regexp"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

// secretName are names of values that nobody may guess.
var secretName = regexp.MustCompile(`(?i)token|passw|passphrase|passcode|secret|session|csrf|xsrf|\bsalt|_salt|nonce|remember|api_?key|auth_?code|reset|verif|activation|invit|\botp|_otp|\bpin(_?code)?\b|cookie|credential`)

// salt in a name says that the value need only be another one each time.
var salt = regexp.MustCompile(`(?i)salt`)

// notSecret are names of puzzles that are shown to the visitor anyway.
var notSecret = regexp.MustCompile(`(?i)captcha`)

// alphabet in the arguments of choice() says that it builds a text; a choice among things that exist already makes none.
var alphabet = regexp.MustCompile(`(?i)string\.|letters|digits|chars|alphabet|charset|symbols|range\(|['"]`)

// weakRandom reports each guessable value once, at the first place where it gets the name of a secret. Signing keys are
// FLASK-CONFIG-001's.
func weakRandom(p *rule.Pass) {
	type origin struct {
		fn, node uint32
	}
	seen := map[origin]bool{}
	for _, h := range p.Project.Hits(models.SecretName) {
		if !secretName.MatchString(h.Callee) || rule.NamesSigningKey(h.Callee) || notSecret.MatchString(h.Callee) || h.Func.Module.IsTest || isDrawn(p, h) || isAnswer(h) || isForOthers(h) {
			continue
		}
		at := origin{uint32(h.Labels[0].Origin.Func), uint32(h.Labels[0].Origin.Node)}
		if seen[at] {
			continue
		}
		seen[at] = true
		f := p.OnHit("weak-random", h)
		name := strings.SplitN(h.Callee, "\n", 2)[0]
		f.Message = rule.Sources(h) + " makes a secret that can be predicted: " + name
		if !secretName.MatchString(salt.ReplaceAllString(name, "")) {
			f.Severity = finding.Low
			f.Message = rule.Sources(h) + " makes a salt that can be predicted: " + name
			f.Impact = "A salt is kept beside the hash and need not be secret. But who can say beforehand which ones will come prepares tables for them."
		}
		p.Report(f)
	}
}

// isAnswer reports whether the value is what some call made of it that nobody knows, such as the answer of another server.
func isAnswer(h project.Hit) bool { return rule.IsGuessed(h) }

// clientName are names of values that a client makes for the server it asks as well as a server for its visitors.
var clientName = regexp.MustCompile(`(?i)nonce|cookie|session`)

// isForOthers: no route leads to the value, and its name fits what is sent to another server.
func isForOthers(h project.Hit) bool {
	return len(h.Routes) == 0 && clientName.MatchString(h.Callee) && !strongName.MatchString(h.Callee)
}

// strongName are names that say more.
var strongName = regexp.MustCompile(`(?i)token|passw|secret|csrf|xsrf|salt|api_?key|otp|credential|sign_?in|login`)

// isDrawn reports whether the value is one of several that exist, such as a key picked from a list.
func isDrawn(p *rule.Pass, h project.Hit) bool {
	for _, l := range h.Labels {
		name := strings.TrimSuffix(l.Origin.Name, "()")
		name = name[strings.LastIndexByte(name, '.')+1:]
		if name != "choice" && name != "choices" && name != "sample" {
			return false
		}
		_, args, _ := strings.Cut(rule.TextAt(p.Project.Flow.Func(l.Origin.Func), l.Origin.Node), "(")
		if alphabet.MatchString(args) {
			return false
		}
	}
	return true
}
