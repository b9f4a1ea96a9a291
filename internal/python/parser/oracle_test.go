package parser

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"stopper/internal/python/ast"
	"stopper/internal/source"
)

// sampleBytes is how much of one interpreter's library the ordinary test run compares. STOPPER_ORACLE=all compares
// everything, under every interpreter found.
const sampleBytes = 3 << 20

// interpreter is one CPython with its library.
type interpreter struct {
	path    string
	version string
	minor   int
	roots   []string
}

// TestOracle demands CPython's own tree for what CPython accepts: shape, names, contexts, constants and spans.
func TestOracle(t *testing.T) {
	found := interpreters()
	if len(found) == 0 {
		t.Skip("no CPython 3.8 or later found")
	}
	all := os.Getenv("STOPPER_ORACLE") == "all"
	if !all {
		found = found[len(found)-1:]
	}
	for _, py := range found {
		t.Run(py.version, func(t *testing.T) { compareLibrary(t, py, all) })
	}
}

// tally is the outcome of one comparison.
type tally struct{ same, oracleRejects, bothReject, weReject, differ int }

func compareLibrary(t *testing.T, py interpreter, all bool) {
	files := library(t, py, all)
	answers := ask(t, py, files)
	p := New()
	var n tally
	var reports []string
	for i, file := range files {
		tree := p.Parse(source.NewFile(file.path, file.text))
		if err := ast.CheckSpans(tree); err != nil {
			t.Errorf("%s: %v", file.path, err)
		}
		switch rejected := strings.HasPrefix(answers[i], "error"); {
		case rejected && len(tree.Errors) > 0:
			n.bothReject++
		case rejected:
			n.oracleRejects++
			if all {
				t.Logf("accepted only by us: %s: %s", file.path, answers[i])
			}
		case len(tree.Errors) > 0:
			n.weReject++
			e := tree.Errors[0]
			reports = append(reports, fmt.Sprintf("%s:%d: rejected: %s", file.path, tree.Src.Line(e.Span.Start), e.Msg))
		case digest(tree, file.flags) == answers[i]:
			n.same++
		default:
			n.differ++
			if len(reports) < 40 {
				reports = append(reports, file.path+"\n"+firstDifference(t, py, file, tree))
			}
		}
	}
	t.Logf("CPython %s: %d files: %d equal, %d differ, %d rejected by us only, %d by CPython only, %d by both",
		py.version, len(files), n.same, n.differ, n.weReject, n.oracleRejects, n.bothReject)
	if n.differ+n.weReject > 0 {
		t.Error(strings.Join(reports, "\n"))
	}
}

func digest(f *ast.File, flags string) string {
	sum := sha256.Sum256([]byte(dumpFor(f, flags)))
	return hex.EncodeToString(sum[:8])
}

func dumpFor(f *ast.File, flags string) string {
	return ast.Dump(f, f.Root, ast.DumpOptions{
		Spans:             !strings.Contains(flags, "n"),
		NoSpansInFStrings: strings.Contains(flags, "f"),
		NoAliasSpans:      strings.Contains(flags, "a"),
		OpaqueStrings:     strings.Contains(flags, "s"),
	})
}

func firstDifference(t *testing.T, py interpreter, file libraryFile, tree *ast.File) string {
	want := run(t, py, []libraryFile{file}, "--dump")[0]
	got := dumpFor(tree, file.flags)
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	from := max(0, i-200)
	return fmt.Sprintf("  got  %s\n  want %s", got[from:min(len(got), i+80)], want[from:min(len(want), i+80)])
}

type libraryFile struct {
	path  string
	text  []byte
	flags string
}

// library lists the interpreter's Python files in an order that a hash of the path decides, so that a sample is the
// same on every run and covers everything.
func library(t testing.TB, py interpreter, all bool) []libraryFile {
	var paths []string
	for _, root := range py.roots {
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".py") && !strings.ContainsAny(path, "\n\t") {
				paths = append(paths, path)
			}
			return nil
		})
	}
	sort.Slice(paths, func(i, j int) bool {
		a, b := order(paths[i]), order(paths[j])
		return a < b || a == b && paths[i] < paths[j]
	})
	var files []libraryFile
	size := 0
	for i, path := range paths {
		if i > 0 && path == paths[i-1] {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, libraryFile{path, text, dumpFlags(py, text)})
		if size += len(text); !all && size > sampleBytes {
			break
		}
	}
	return files
}

func order(path string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(filepath.Base(filepath.Dir(path)) + "/" + filepath.Base(path)))
	return h.Sum64()
}

func dumpFlags(py interpreter, text []byte) string {
	flags := ""
	if py.minor < 12 {
		flags = "f"
	}
	if py.minor < 9 {
		flags += "n" // slices, keywords and parenthesised expressions have other spans or none
	}
	if py.minor < 10 {
		flags += "a"
	}
	if bytes.Contains(text, []byte(`\N{`)) {
		flags += "s"
	}
	return flags
}

// ask runs the oracle in portions, because CPython keeps what it has interned.
func ask(t *testing.T, py interpreter, files []libraryFile) []string {
	var out []string
	for len(files) > 0 {
		n := min(len(files), 2000)
		out = append(out, run(t, py, files[:n])...)
		files = files[n:]
	}
	return out
}

func run(t *testing.T, py interpreter, files []libraryFile, args ...string) []string {
	t.Helper()
	var in bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&in, "%s\t%s\n", f.flags, f.path)
	}
	cmd := exec.Command(py.path, append([]string{"testdata/oracle.py"}, args...)...)
	cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8")
	cmd.Stdin = &in
	raw, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", py.path, err)
	}
	var lines []string
	sc := bufio.NewScanner(bytes.NewReader(raw))
	sc.Buffer(nil, 1<<30)
	for sc.Scan() {
		lines = append(lines, sc.Text())
	}
	if len(lines) != len(files)+1 {
		t.Fatalf("%s: %d answers to %d files", py.path, len(lines)-1, len(files))
	}
	return lines[1:]
}

// interpreters finds every CPython from 3.8, ordered by version, the newest last.
func interpreters() []interpreter {
	candidates := []string{"python3"}
	if home, err := os.UserHomeDir(); err == nil {
		more, _ := filepath.Glob(filepath.Join(home, ".pyenv", "versions", "*", "bin", "python3"))
		candidates = append(candidates, more...)
	}
	const question = `import sys, sysconfig, platform
if platform.python_implementation() == "CPython" and sys.version_info >= (3, 8):
    print("%d.%d.%d" % sys.version_info[:3], sys.version_info[1], sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), sep="\n")`
	byVersion := map[string]interpreter{}
	for _, c := range candidates {
		out, err := exec.Command(c, "-c", question).Output()
		f := strings.Split(strings.TrimSpace(string(out)), "\n")
		if err != nil || len(f) != 4 {
			continue
		}
		py := interpreter{path: c, version: f[0], roots: []string{f[2]}}
		fmt.Sscan(f[1], &py.minor)
		if !strings.HasPrefix(f[3], f[2]) {
			py.roots = append(py.roots, f[3])
		}
		if _, dup := byVersion[f[0]]; !dup {
			byVersion[f[0]] = py
		}
	}
	var found []interpreter
	for _, py := range byVersion {
		found = append(found, py)
	}
	sort.Slice(found, func(i, j int) bool {
		return found[i].minor < found[j].minor || found[i].minor == found[j].minor && found[i].version < found[j].version
	})
	return found
}
