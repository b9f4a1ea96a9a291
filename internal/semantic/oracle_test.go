package semantic_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
)

// python runs a script with the machine's python3 and decodes the JSON that it prints.
func python(t *testing.T, dir, script string, stdin string, into any) {
	t.Helper()
	bin, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	cmd := exec.Command(bin, "-B", "-c", script)
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, strings.NewReader(stdin), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v", err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatal(err)
	}
}

func parse(path, text string) *ast.File {
	return parser.Parse(source.NewFile(path, []byte(text)), parser.Options{})
}

// packages writes the archive to a folder and builds the same files.
func packages(t *testing.T) (string, *semantic.Program) {
	t.Helper()
	ar, err := txtar.ParseFile("testdata/packages.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var files []*ast.File
	for _, f := range ar.Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, parse(f.Name, string(f.Data)))
	}
	return dir, semantic.Build(files)
}

const namesScript = `
import sys, json, types, importlib, inspect
sys.path.insert(0, ".")
out = {}
for m in ["shop", "shop.models", "shop.core", "shop.views", "shop.deep", "shop.deep.leaf", "mro"]:
    for name, v in vars(importlib.import_module(m)).items():
        if name.startswith("__"): continue
        if isinstance(v, types.ModuleType): origin = "module " + v.__name__
        elif isinstance(v, type): origin = "class " + v.__module__ + "." + v.__qualname__
        elif isinstance(v, types.FunctionType): origin = "func " + v.__module__ + "." + v.__qualname__
        else: continue
        out[m + ":" + name] = origin
print(json.dumps(out))
`

func describe(p *semantic.Program, t semantic.Target) string {
	switch t.Kind {
	case semantic.TargetModule:
		return "module " + t.Module.Name
	case semantic.TargetClass:
		c := p.Class(t.Class)
		return "class " + c.Module.Name + "." + c.QualName
	case semantic.TargetFunc:
		m, _ := p.Where(t.Func)
		return "func " + m.Name + "." + p.QualName(t.Func)
	case semantic.TargetExternal:
		return "external " + t.Path
	case semantic.TargetVar:
		return "var " + t.Module.Name + "." + t.Name
	}
	return "unknown"
}

// Every module, class and function that CPython finds under a name of a module is what ResolveName finds.
func TestNamesAgainstCPython(t *testing.T) {
	dir, prog := packages(t)
	var want map[string]string
	python(t, dir, namesScript, "", &want)
	outside := map[string]string{"shop:osp": "external os.path", "shop:OrderedDict": "external collections.OrderedDict"}
	for key, origin := range want {
		mod, name, _ := strings.Cut(key, ":")
		m := prog.Module(mod)
		if m == nil {
			t.Errorf("no module %s", mod)
			continue
		}
		if other, ok := outside[key]; ok {
			origin = other
		}
		if got := describe(prog, prog.ResolveName(m, name)); got != origin {
			t.Errorf("%s: got %s, want %s", key, got, origin)
		}
	}
	if len(want) < 30 {
		t.Errorf("only %d names", len(want))
	}
}

const mroScript = `
import sys, json, importlib
sys.path.insert(0, ".")
out = {}
def add(c):
    if c.__module__.split(".")[0] in ("shop", "mro"):
        out[c.__module__ + "." + c.__qualname__] = [b.__module__ + "." + b.__qualname__ for b in c.__mro__ if b.__module__ != "builtins"]
for m in ["shop.models", "shop.core", "shop.deep.leaf", "mro"]:
    for v in vars(importlib.import_module(m)).values():
        if isinstance(v, type): add(v)
import mro
for c in mro.factory().__mro__: add(c)
print(json.dumps(out))
`

func TestMROAgainstCPython(t *testing.T) {
	dir, prog := packages(t)
	var want map[string][]string
	python(t, dir, mroScript, "", &want)
	checked := 0
	for _, c := range prog.Classes {
		name := c.Module.Name + "." + c.QualName
		order, ok := want[name]
		if !ok {
			continue
		}
		checked++
		var got []string
		for _, target := range prog.MRO(c.ID) {
			if target.Kind == semantic.TargetClass {
				b := prog.Class(target.Class)
				got = append(got, b.Module.Name+"."+b.QualName)
			}
		}
		if !slices.Equal(got, order) {
			t.Errorf("%s: got %v, want %v", name, got, order)
		}
	}
	if checked < 18 {
		t.Errorf("only %d classes", checked)
	}
}

const symtableScript = `
import sys, json, symtable, re
out = {}
def walk(t, lines):
    kind = str(getattr(t.get_type(), "value", t.get_type()))
    if kind in ("function", "class"):
        syms = []
        for s in t.get_symbols():
            n = s.get_name()
            if n[0] == "." or n.startswith("__") or re.match(r"_\w*__", n): continue
            scope = s._Symbol__scope
            comp = t.get_name() in ("listcomp", "setcomp", "dictcomp", "genexpr")
            # A free name that is only passed on inward, or by a walrus outward, is no name of the scope's own.
            if scope == 4 and not (s.is_referenced() or not comp and (s.is_assigned() or s.is_nonlocal())): continue
            syms.append(n + "=" + {1: "local", 5: "local", 2: "global", 3: "global", 4: "free"}[scope])
        lines.append("%s %s %d: %s" % (kind, t.get_name(), t.get_lineno(), " ".join(sorted(syms))))
    for c in t.get_children(): walk(c, lines)
for path in sys.stdin.read().split("\n"):
    try:
        lines = []
        walk(symtable.symtable(open(path, encoding="utf-8").read(), path, "exec"), lines)
        out[path] = sorted(lines)
    except Exception: pass
print(json.dumps(out))
`

func scopeLines(fi *semantic.FileInfo) []string {
	var lines []string
	src := fi.File.Src
	for i := range fi.Scopes {
		sc := &fi.Scopes[i]
		kind, name := "function", ""
		switch sc.Kind {
		case semantic.ScopeModule, semantic.ScopeTypeParams:
			continue
		case semantic.ScopeClass:
			kind, name = "class", fi.File.IdentOf(sc.Node)
		case semantic.ScopeFunction:
			name = fi.File.IdentOf(sc.Node)
		case semantic.ScopeLambda:
			name = "lambda"
		case semantic.ScopeComprehension:
			name = map[ast.Kind]string{ast.ListComp: "listcomp", ast.SetComp: "setcomp", ast.DictComp: "dictcomp",
				ast.GeneratorExp: "genexpr"}[fi.File.Kind(sc.Node)]
		}
		var syms []string
		fi.EachSymbol(uint32(i), func(_ uint32, y *semantic.Symbol) {
			n := fi.File.Name(y.Sym)
			if strings.HasPrefix(n, "__") || strings.HasPrefix(n, "_") && strings.Contains(n[1:], "__") {
				return
			}
			if y.Flags&semantic.SymFree != 0 && y.Flags&(semantic.SymUsed|semantic.SymBound|semantic.SymNonlocalDecl) == 0 {
				return // a walrus passes through
			}
			class := "local"
			if y.Flags&semantic.SymGlobal != 0 {
				class = "global"
			} else if y.Flags&semantic.SymFree != 0 {
				class = "free"
			}
			syms = append(syms, n+"="+class)
		})
		slices.Sort(syms)
		line := src.Line(fi.File.Span(sc.Node).Start)
		lines = append(lines, strings.Join([]string{kind, name, itoa(line) + ":", strings.Join(syms, " ")}, " "))
	}
	slices.Sort(lines)
	return lines
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// The scope of every name in a sample of the standard library is what CPython's symtable says.
func TestScopesAgainstSymtable(t *testing.T) {
	var info struct {
		Stdlib  string
		Version [2]int
	}
	python(t, ".", `import json, sys, sysconfig; print(json.dumps({"Stdlib": sysconfig.get_path("stdlib"), "Version": sys.version_info[:2]}))`, "", &info)
	if info.Version[1] >= 14 {
		t.Skip("3.14 moved annotations into scopes of their own")
	}
	paths, _ := filepath.Glob(info.Stdlib + "/*.py")
	more, _ := filepath.Glob(info.Stdlib + "/*/*.py")
	paths = append(paths, more...)
	if os.Getenv("STOPPER_FULL") == "" {
		var some []string
		for i, p := range paths {
			if i%7 == 0 {
				some = append(some, p)
			}
		}
		paths = some
	}
	fixtures, _ := filepath.Glob("testdata/*.py")
	paths = append(paths, fixtures...)
	var want map[string][]string
	python(t, ".", symtableScript, strings.Join(paths, "\n"), &want)
	bad := 0
	for path, lines := range want {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f := parse(path, string(text))
		if len(f.Errors) > 0 || strings.Contains(string(text), "from __future__ import annotations") {
			continue // symtable leaves those annotations out
		}
		got := scopeLines(semantic.Scan(f))
		for i := range lines {
			if i >= len(got) || got[i] != lines[i] {
				t.Errorf("%s\n got %s\nwant %s", path, strings.Join(got[min(i, len(got)):min(i+1, len(got))], ""), lines[i])
				bad++
				break
			}
		}
		if bad > 10 {
			t.FailNow()
		}
	}
	t.Logf("%d files of Python %v", len(want), info.Version)
}
