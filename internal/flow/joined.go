package flow

import "stopper/internal/flow/value"

// joins remembers what pairs of values were joined to: the attributes of self are read again and again, each time as what the
// class says and what the caller's instance may hold. A pair takes the place of another one with the same hash. Which pairs are
// remembered shows in the results, as one value in two places is checked in both when it is checked in one; so the hash is
// one of what the values say, and the same in every run.
type joins []joined

type joined struct{ a, b, is *value.Value }

const maxJoined = 4096

func newJoins() joins { return make(joins, maxJoined) }

// join is value.Join.
func (j joins) join(a, b *value.Value) *value.Value {
	switch {
	case a == b, b == nil:
		return a
	case a == nil:
		return b
	}
	k := &j[(a.Hash()*31+b.Hash())%maxJoined]
	if k.a != a || k.b != b {
		*k = joined{a, b, value.Join(a, b)}
	}
	return k.is
}
