package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// An audit allocates for a second and then ends: with the usual setting the collector marks the same trees a dozen times
// while the heap doubles from 4 MB, which took 40 % of the processor time of a large audit. So nothing is collected below
// heapFloor; above it the heap may grow by growPercent between two collections, less than usual, so that the peak stays near
// what is alive. Measured on a tree of 164,000 lines; docs/engine.md has the figures.
const (
	heapFloor   = 480 << 20
	growPercent = 60
	// heapMinimum is the heap at which the runtime collects first, for 100 %.
	heapMinimum = 4 << 20
)

// tuneGC sets the pace of the garbage collector, unless the user has set it in the environment.
func tuneGC() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(heapFloor / heapMinimum * 100)
	rearm(&sentinel{})
}

// sentinel is an object that every collection finds dead, which is how we hear of it.
type sentinel struct{ _ [16]byte }

func rearm(s *sentinel) {
	runtime.SetFinalizer(s, func(s *sentinel) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if n := int(live[0].Value.Uint64()); n > 0 {
			debug.SetGCPercent(max(growPercent, (heapFloor-n)*100/n))
		}
		rearm(s)
	})
}
