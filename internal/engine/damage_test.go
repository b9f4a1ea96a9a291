package engine_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"stopper/internal/engine"
	"stopper/internal/vfs"
)

// TestDamagedTrees audits trees whose files were damaged at random: half statements, lines in the wrong place, foreign
// words, broken brackets. Nothing of it may be a fault of ours. The ordinary run damages the example a few times; a long one names
// a checkout and how often:
//
//	STOPPER_DAMAGE=/path/to/checkout STOPPER_ROUNDS=500 go test -run DamagedTrees -timeout 2h ./internal/engine
func TestDamagedTrees(t *testing.T) {
	dir, rounds := "../../examples/shop", 25
	if d := os.Getenv("STOPPER_DAMAGE"); d != "" {
		dir = d
	}
	if n, err := strconv.Atoi(os.Getenv("STOPPER_ROUNDS")); err == nil {
		rounds = n
	}
	whole := tree(t, dir)
	for round := range rounds {
		damaged := vfs.Map{}
		rnd := rand.New(rand.NewPCG(uint64(round), 1))
		for _, name := range sortedNames(whole) {
			damaged[name] = damage(rnd, whole[name])
		}
		out := audit(t, t.Context(), damaged, engine.Options{})
		for _, e := range out.Result.Coverage.InternalErrors {
			t.Errorf("round %d: %s", round, e)
		}
	}
}

func tree(t *testing.T, dir string) vfs.Map {
	t.Helper()
	out := vfs.Map{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}
		if info, err := d.Info(); err != nil || info.Size() > 200_000 || d.Name() == ".gitignore" {
			return err // a damaged ignore file can leave nothing to audit
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sortedNames(m vfs.Map) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// damage changes up to four places of a text.
func damage(rnd *rand.Rand, text string) string {
	words := []string{"(", ")", "[", "{", "}", ":", ",", "=", "*", "**", "self", "return ", "yield ", "await ", "lambda: ", "class C(C): pass\n", "def f(*a, **k): return f\n",
		"@f\n", "import *", "from . import *\n", "global x\n", "\x00", "\xff", "\t", "\n", "{%", "%}", "{{", "|safe", "#}", "\"\"\"", "f'{", "None", "...", "del x\n", "x = x\n", "-", "${", "$(", "`"}
	lines := strings.SplitAfter(text, "\n")
	for range rnd.IntN(5) {
		i, j := rnd.IntN(len(lines)), rnd.IntN(len(lines))
		at := rnd.IntN(len(lines[i]) + 1)
		switch rnd.IntN(7) {
		case 0:
			lines[i] = lines[i][:at]
		case 1:
			lines[i] = lines[i][at:]
		case 2:
			lines[i] = lines[i][:at] + words[rnd.IntN(len(words))] + lines[i][at:]
		case 3:
			lines[i], lines[j] = lines[j], lines[i]
		case 4:
			lines[i] += lines[j]
		case 5:
			lines[i] = "    " + lines[i]
		case 6:
			lines = slices.Delete(lines, min(i, j), min(max(i, j), min(i, j)+3))
			if len(lines) == 0 {
				return ""
			}
		}
	}
	return strings.Join(lines, "")
}
