package engine_test

import (
	"context"
	"os"
	"testing"

	"stopper/internal/engine"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
	"stopper/internal/rules/all"
	"stopper/internal/workspace"
	modeldata "stopper/models"
)

// auditor prepares to audit the checkout that STOPPER_BENCH names, by default the flawed example.
func auditor(b *testing.B) func() *engine.Output {
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
	b.Cleanup(func() { disk.Close() })
	return func() *engine.Output {
		ws, err := workspace.Load(disk, opts)
		if err != nil {
			b.Fatal(err)
		}
		out, err := engine.Audit(context.Background(), ws, engine.Options{Rules: all.Rules(), Models: set})
		if err != nil {
			b.Fatal(err)
		}
		return out
	}
}

// BenchmarkAudit audits it:
//
//	STOPPER_BENCH=/path/to/checkout go test -bench Audit -benchtime 5x -cpuprofile cpu.pprof ./internal/engine
func BenchmarkAudit(b *testing.B) {
	audit := auditor(b)
	for b.Loop() {
		audit()
	}
}

// BenchmarkRules judges what one audit of it found: by no rule, by all, and by each:
//
//	STOPPER_BENCH=/path/to/checkout go test -bench Rules/all ./internal/engine
func BenchmarkRules(b *testing.B) {
	out := auditor(b)()
	judge := func(b *testing.B, rules ...rule.Rule) {
		for b.Loop() {
			p := project.New(*out.Project)
			for _, r := range rules {
				meta, err := rule.ParseMeta(r.Page())
				if err != nil {
					b.Fatal(err)
				}
				r.Run(&rule.Pass{Project: p, Meta: meta})
			}
		}
	}
	b.Run("none", func(b *testing.B) { judge(b) })
	b.Run("all", func(b *testing.B) { judge(b, all.Rules()...) })
	for i, meta := range out.Metas {
		b.Run(meta.ID, func(b *testing.B) { judge(b, all.Rules()[i]) })
	}
}
