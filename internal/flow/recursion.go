package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
)

// Functions that call each other are solved as a group: the first of them that is reached runs, and what calls back to it
// meanwhile takes its last known summary. When that summary has grown, everybody who may have used the old one is forgotten
// and the first one runs again, until nothing grows; after maxRounds its result is widened, which ends the growth.

// noHead is the head of a function that leans on nobody who is still running.
const noHead = 1 << 30

// solveGroup runs a function, and those that call it back, until its summary is what they assumed.
func (s *solver) solveGroup(id ir.FuncID, fn *ir.Func) {
	st := &s.funcs[id]
	st.status, st.head, st.at = running, noHead, len(s.frames)
	first, isAgain := len(s.group), st.sum != nil
	for round := 0; ; round++ {
		st.recurs = false
		next := s.run(fn, nil, 0)
		stable := false
		if last := st.sum; last != nil {
			next.ret = join(last.ret, next.ret)
			if round > maxRounds {
				next.ret = value.Widen(last.ret, next.ret)
			}
			stable = equal(last.ret, next.ret) && len(next.hits) <= len(last.hits) && len(next.effects) <= len(last.effects)
		}
		st.sum = next
		if !st.recurs || stable || round > maxRounds || isAgain && st.head < st.at {
			break // nobody calls back, nothing grew, or a function further out sees to it
		}
		if round == maxRounds {
			s.trip(fn, limitRecursion)
		}
		s.forget(first, fn)
	}
	st.status = done
	if st.head < st.at {
		s.group = append(s.group, id)
		s.lean(st.head)
		return
	}
	for _, member := range s.group[first:] {
		s.funcs[member].head = noHead
	}
	s.group = s.group[:first]
}

// lean notes that the running functions above a frame use what may grow with the summary of its function, which is still
// running itself.
func (s *solver) lean(head int) {
	for i := len(s.frames) - 1; i > head; i-- {
		st := &s.funcs[s.frames[i].fn.ID]
		if st.head <= head {
			continue
		}
		st.head = head
		if s.frames[i].isCopy {
			s.group = append(s.group, s.frames[i].fn.ID)
		}
	}
}

// forget makes the members of the group that were solved since first be solved again when they are called.
func (s *solver) forget(first int, fn *ir.Func) {
	members := s.group[first:]
	if len(members) > maxGroup {
		s.trip(fn, limitRecursion)
		return
	}
	for _, id := range members {
		if st := &s.funcs[id]; st.status == done && st.ir != nil && st.ir.Kind <= ir.KindLambda {
			st.status, st.special = fresh, nil
		}
	}
	s.group = s.group[:first]
}
