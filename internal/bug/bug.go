// Package bug keeps our own faults as data.
//
// The user's files being wrong is not a fault, nor is the world being wrong: those are values and errors. A fault is a
// broken assumption of this program, usually a recovered panic. Whoever runs a unit of work on hostile input puts
//
//	defer bug.Recover(rep, "rule FLASK-XSS-001 on app.py")
//
// in front of it; the audit goes on, and the caller prints the faults, ends with exit code 3 and, in tests, fails.
// A Reporter is safe for concurrent use, and its answer does not depend on the order in which reports arrived.
package bug

import (
	"fmt"
	"runtime/debug"
	"sort"
	"sync"
)

// maxFaults bounds memory when one mistake of ours is hit by every file of a repository. What comes later is counted only.
const maxFaults = 200

// maxStack keeps the part of a stack that names the fault; a runaway recursion would otherwise keep megabytes.
const maxStack = 16 << 10

// Fault is one broken assumption.
type Fault struct {
	Where string // the work that failed, in words a user understands
	What  string // the panic value or message
	Stack string // may be empty
}

// String is the line for the user.
func (f Fault) String() string { return "internal error in " + f.Where + ": " + f.What }

// Reporter collects faults. The zero value is ready.
type Reporter struct {
	mu      sync.Mutex
	faults  []Fault
	dropped int
}

// Report records a fault; stack may be nil.
func (r *Reporter) Report(where string, cause any, stack []byte) {
	f := Fault{Where: where, What: describe(cause), Stack: string(stack[:min(len(stack), maxStack)])}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.faults) >= maxFaults {
		r.dropped++
		return
	}
	r.faults = append(r.faults, f)
}

// describe must not fail itself: an error's own method may panic.
func describe(cause any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("%T", cause)
		}
	}()
	switch c := cause.(type) {
	case error:
		return c.Error()
	case string:
		return c
	}
	return fmt.Sprint(cause)
}

// Faults lists what was reported, ordered by place and text, whatever order it came in.
func (r *Reporter) Faults() []Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := append([]Fault(nil), r.faults...)
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].Where != out[j].Where {
			return out[i].Where < out[j].Where
		}
		return out[i].What < out[j].What
	})
	return out
}

// Count is the number of reports, those beyond the kept ones included.
func (r *Reporter) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.faults) + r.dropped
}

// Recover is to be deferred directly. It turns a panic into a fault; without a reporter the panic goes on.
func Recover(rep *Reporter, where string) {
	cause := recover()
	if cause == nil {
		return
	}
	if rep == nil {
		panic(cause)
	}
	rep.Report(where, cause, debug.Stack())
}

// TB is the part of testing.TB that FailTest needs.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// FailTest fails a test for every fault that was reported.
func (r *Reporter) FailTest(t TB) {
	t.Helper()
	for _, f := range r.Faults() {
		t.Errorf("%s\n%s", f, f.Stack)
	}
}
