package flow

import (
	"hash/maphash"

	"stopper/internal/flow/value"
)

// joins remembers what pairs of values were joined to: the attributes of self are read again and again, each time as what the
// class says and what the caller's instance may hold. A pair takes the place of another one with the same hash.
type joins struct {
	seed  maphash.Seed
	table []joined
}

type joined struct{ a, b, is *value.Value }

const maxJoined = 4096

func newJoins() joins { return joins{maphash.MakeSeed(), make([]joined, maxJoined)} }

// join is value.Join.
func (j *joins) join(a, b *value.Value) *value.Value {
	switch {
	case a == b, b == nil:
		return a
	case a == nil:
		return b
	}
	k := &j.table[maphash.Comparable(j.seed, [2]*value.Value{a, b})%maxJoined]
	if k.a != a || k.b != b {
		*k = joined{a, b, value.Join(a, b)}
	}
	return k.is
}
