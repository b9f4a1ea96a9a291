package engine_test

import (
	"context"
	"os"
	"testing"

	"stopper/internal/engine"
	"stopper/internal/models"
	"stopper/internal/rules/all"
	"stopper/internal/workspace"
	modeldata "stopper/models"
)

// BenchmarkAudit audits the checkout that STOPPER_BENCH names, by default the flawed example:
//
//	STOPPER_BENCH=/path/to/checkout go test -bench Audit -benchtime 5x -cpuprofile cpu.pprof ./internal/engine
func BenchmarkAudit(b *testing.B) {
	dir := os.Getenv("STOPPER_BENCH")
	if dir == "" {
		dir = "../../examples/shop"
	}
	set, err := models.Load(modeldata.Files)
	if err != nil {
		b.Fatal(err)
	}
	disk, opts, err := workspace.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer disk.Close()
	for b.Loop() {
		ws, err := workspace.Load(disk, opts)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := engine.Audit(context.Background(), ws, engine.Options{Rules: all.Rules(), Models: set}); err != nil {
			b.Fatal(err)
		}
	}
}
