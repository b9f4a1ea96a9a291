package bug

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

type rude struct{}

func (rude) Error() string { panic("no") }

func TestRecoverTurnsAPanicIntoAFault(t *testing.T) {
	for _, c := range []struct {
		cause any
		want  string
	}{
		{"text", "text"},
		{errors.New("broken"), "broken"},
		{42, "42"},
		{rude{}, "bug.rude"},
	} {
		var rep Reporter
		func() {
			defer Recover(&rep, "x")
			panic(c.cause)
		}()
		fs := rep.Faults()
		if len(fs) != 1 || fs[0].What != c.want || fs[0].Stack == "" {
			t.Errorf("%v: got %+v", c.cause, fs)
		}
	}
}

func TestRecoverOfRuntimeError(t *testing.T) {
	var rep Reporter
	func() {
		defer Recover(&rep, "index")
		var s []int
		_ = s[len(s)]
	}()
	if got := fmt.Sprint(rep.Faults()[0]); !strings.HasPrefix(got, "internal error in index: runtime error") {
		t.Error(got)
	}
}

func TestNoPanicNoFault(t *testing.T) {
	var rep Reporter
	func() { defer Recover(&rep, "x") }()
	if rep.Count() != 0 {
		t.Error(rep.Faults())
	}
	rep.FailTest(t)
}

func TestWithoutReporterThePanicGoesOn(t *testing.T) {
	defer func() {
		if recover() != "up" {
			t.Error("swallowed")
		}
	}()
	defer Recover(nil, "x")
	panic("up")
}

func TestConcurrentReportsAreBoundedAndOrdered(t *testing.T) {
	var rep Reporter
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 100 {
				rep.Report(fmt.Sprintf("w%d", g), i, nil)
			}
		})
	}
	wg.Wait()
	if rep.Count() != 800 || len(rep.Faults()) != maxFaults {
		t.Error(rep.Count(), len(rep.Faults()))
	}
	fs := rep.Faults()
	for i := 1; i < len(fs); i++ {
		if fs[i-1].Where > fs[i].Where {
			t.Fatal("unordered")
		}
	}
}
