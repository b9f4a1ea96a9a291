package main

import (
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
)

// An audit allocates for a second and then ends: with the usual setting the collector marks the same trees a dozen times
// while the heap doubles from 4 MB, which took 40 % of the processor time of a large audit. So nothing is collected below a floor;
// above it the heap may grow by growPercent between two collections, less than usual, so that the peak stays near what is alive,
// and by half a floor at least. Measured on trees of 164,000 and of 1,900,000 lines; docs/engine.md has the figures.
const (
	heapFloor   = 490 << 20
	growPercent = 40
	// heapShare of the memory that there is are the most that the floor takes.
	heapShare = 4
	// heapMinimum is the heap at which the runtime collects first, for 100 %.
	heapMinimum = 4 << 20
)

// tuneGC sets the pace of the garbage collector, unless the user has set it in the environment.
func tuneGC() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	floor := heapFloor
	if n := memory("/proc/meminfo", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"); n > 0 {
		floor = min(floor, n/heapShare)
	}
	debug.SetGCPercent(floor / heapMinimum * 100)
	rearm(&sentinel{floor: floor})
}

// memory is what the machine has, or what its container may use, in bytes; 0 where that is not written in the usual files.
func memory(machine string, containers ...string) int {
	var total int
	if text, err := os.ReadFile(machine); err == nil {
		if _, rest, ok := bytes.Cut(text, []byte("MemTotal:")); ok {
			total = number(rest) << 10
		}
	}
	for _, container := range containers {
		if text, err := os.ReadFile(container); err == nil {
			if n := number(text); n > 0 && (total == 0 || n < total) {
				total = n
			}
		}
	}
	return total
}

// number is the first word of a text where that is one.
func number(text []byte) int {
	for word := range bytes.FieldsSeq(text) {
		n, err := strconv.Atoi(string(word))
		if err != nil {
			return 0
		}
		return n
	}
	return 0
}

// sentinel is an object that every collection finds dead, which is how we hear of it. Smaller ones share their memory.
type sentinel struct {
	floor int
	_     [16]byte
}

func rearm(s *sentinel) {
	runtime.SetFinalizer(s, func(s *sentinel) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if n := int(live[0].Value.Uint64()); n > 0 {
			debug.SetGCPercent(max(growPercent, room(s.floor, n)*100/n))
		}
		rearm(s)
	})
}

// room is how much a heap may grow of which live bytes are in use.
func room(floor, live int) int { return max(floor-live, floor/2) }
