package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stopper/internal/engine"
	"stopper/internal/models"
	"stopper/internal/vfs"
	"stopper/internal/workspace"
	modeldata "stopper/models"
)

// Each archive holds an application and a file "want": the keys it names, with value, answer and chain.
func TestSettings(t *testing.T) {
	set, err := models.Load(modeldata.Files)
	if err != nil {
		t.Fatal(err)
	}
	archives, err := filepath.Glob("testdata/settings/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			m := vfs.Txtar(text)
			want := m["want"]
			delete(m, "want")
			ws, err := workspace.Load(m, workspace.Options{})
			if err != nil {
				t.Fatal(err)
			}
			out, err := engine.Audit(context.Background(), ws, engine.Options{Jobs: 1, Models: set, Settings: true})
			if err != nil {
				t.Fatal(err)
			}
			if got := describeSettings(out, want); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// describeSettings writes the settings whose keys stand at the start of a line of want.
func describeSettings(out *engine.Output, want string) string {
	var b strings.Builder
	for _, s := range out.Result.Settings {
		if !strings.HasPrefix(want, s.Key+" ") && !strings.Contains(want, "\n"+s.Key+" ") {
			continue
		}
		fmt.Fprintf(&b, "%s %s %s", s.Key, s.Value, s.Answer)
		if s.On != "" {
			fmt.Fprintf(&b, " (%s)", s.On)
		}
		if s.Ignored != "" {
			fmt.Fprintf(&b, " ignored by %s", s.Ignored)
		}
		b.WriteByte('\n')
		for _, c := range s.Chain {
			fmt.Fprintf(&b, "  %s: %s %s %s:%d\n", c.State, c.How, c.Text, c.File, c.Line)
		}
	}
	return b.String()
}
