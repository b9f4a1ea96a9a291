// Package crypto001 judges broken hashes and ciphers, and secrets made of numbers that can be predicted.
package crypto001

import (
	_ "embed"

	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-CRYPTO-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges calls of hashes and ciphers by what they are used for, then secrets by where they come from.
func (Rule) Run(p *rule.Pass) {
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if e.Func.Module.IsTest {
			continue
		}
		weakHash(p, e)
		weakCipher(p, e)
	}
	weakRandom(p)
}
