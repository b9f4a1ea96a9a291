package startup

import "stopper/internal/python/ast"

// A function that mentions a word of registering may still only read settings, and be called a thousand times. What its calls
// came to says so.

// use is what the calls of one function came to.
type use struct {
	calls int
	steps int  // of all calls, with what they called
	leads bool // one of them came to a framework
}

// pure are the stubs that register nothing.
var pure = map[string]bool{
	"os": true, "importlib": true, "contextlib": true, "functools": true, "inspect": true, "itertools": true, "types": true,
	"werkzeug": true,
}

// allowed is the limit for one call of a function.
func (in *Interp) allowed(f *Func, u *use) int {
	switch {
	case in.isSide(f):
		return min(in.limit, in.steps+maxSideSteps)
	case !u.leads && u.steps > maxIdleSteps && !f.Mod.isLib:
		return min(in.limit, in.steps+maxIdleCall)
	}
	return in.limit
}

// note books a call that began when the counters stood at these numbers.
func (in *Interp) note(u *use, steps, led int) {
	u.steps += in.steps - steps
	u.leads = u.leads || in.led > led
}

func (in *Interp) wasCalled(m *Module, node ast.NodeID) bool {
	u := in.calls[funcKey{m, node}]
	return u != nil && u.calls > 0
}
