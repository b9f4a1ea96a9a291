package flow_test

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"stopper/internal/flow"
	"stopper/internal/models"
	modeldata "stopper/models"
)

// The program imports a helper out of its tests, and nothing else of them.
const withTests = `
-- app.py --
from os import system
from flask import request
from tests.shared import wrap
def view():
    system(wrap(request.args["q"]))
-- tests/shared.py --
from os import system
from flask import request
def wrap(text):
    system(request.args["shared"])
    return text
def unused():
    system(request.args["unused"])
-- tests/test_app.py --
from os import system
from flask import request
def test_view():
    system(request.args["test"])
`

func hitSources(r *flow.Result) []string {
	var out []string
	for _, h := range r.Hits {
		for _, l := range h.Labels {
			out = append(out, l.Origin.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestTestsAreNoEntries(t *testing.T) {
	set, err := models.Load(modeldata.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		tests bool
		want  []string
	}{
		{false, []string{`request.args["q"]`, `request.args["shared"]`}},
		{true, []string{`request.args["q"]`, `request.args["shared"]`, `request.args["test"]`, `request.args["unused"]`}},
	} {
		r := flow.Analyze(context.Background(), parse(txtar.Parse([]byte(withTests))), set, flow.Options{Tests: c.tests})
		if got := hitSources(r); !slices.Equal(got, c.want) {
			t.Errorf("Tests=%v: hits from %q, want %q", c.tests, got, c.want)
		}
	}
}

func TestParallelLoweringChangesNothing(t *testing.T) {
	set, err := models.Load(modeldata.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"testdata/calls.txtar", "testdata/collections.txtar"} {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		one := flow.Analyze(context.Background(), parse(ar), set, flow.Options{})
		two := flow.Analyze(context.Background(), parse(ar), set, flow.Options{Parallel: func(n int, work func(int)) {
			var wg sync.WaitGroup
			for i := range n {
				wg.Go(func() { work(i) })
			}
			wg.Wait()
		}})
		if !reflect.DeepEqual(one.Stats, two.Stats) || !slices.Equal(hitSources(one), hitSources(two)) || len(one.Events) != len(two.Events) {
			t.Errorf("%s: %+v, in parallel %+v", name, one.Stats, two.Stats)
		}
	}
}
