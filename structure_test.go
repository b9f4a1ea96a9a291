package stopper_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Where goroutines may be started, and where files may be touched. Everything else gets its bytes and its parallelism
// from there, so that results depend neither on the machine's disk nor on its scheduler.
var (
	mayStartGoroutines = []string{"internal/engine", "internal/vfs", "internal/probe", "internal/lsp", "internal/mcp", "internal/cli", "cmd/stopper", "bench"}
	mayTouchFiles      = []string{"internal/vfs", "internal/cli", "cmd/stopper", "bench", "internal/ruletest", "internal/rules/newrule"}
)

// fileFuncs are the functions of os that read or write the disk.
var fileFuncs = []string{"Open", "OpenFile", "ReadFile", "ReadDir", "Create", "CreateTemp", "WriteFile", "Mkdir", "MkdirAll", "MkdirTemp",
	"Remove", "RemoveAll", "Rename", "Stat", "Lstat", "DirFS", "OpenRoot"}

func TestStructure(t *testing.T) {
	folders := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "examples") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			folders[filepath.ToSlash(filepath.Dir(path))] = append(folders[filepath.ToSlash(filepath.Dir(path))], path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, files := range folders {
		checkFolder(t, folder, files)
	}
}

func checkFolder(t *testing.T, folder string, paths []string) {
	set := token.NewFileSet()
	var files []*ast.File
	globals := map[string]bool{}
	for _, path := range paths {
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if isGenerator(f) {
			continue
		}
		files = append(files, f)
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, s := range g.Specs {
					for _, n := range s.(*ast.ValueSpec).Names {
						globals[n.Name] = true
					}
				}
			}
		}
	}
	for _, f := range files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			if fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s: no init(): say what happens where it happens", set.Position(fn.Pos()))
			}
			checkBody(t, set, folder, fn, globals)
		}
	}
}

// isGenerator: a program that is only run by go generate.
func isGenerator(f *ast.File) bool {
	return slices.ContainsFunc(f.Comments, func(c *ast.CommentGroup) bool {
		return slices.ContainsFunc(c.List, func(l *ast.Comment) bool { return l.Text == "//go:build ignore" })
	})
}

func checkBody(t *testing.T, set *token.FileSet, folder string, fn *ast.FuncDecl, globals map[string]bool) {
	local := localNames(fn)
	written := func(e ast.Expr) {
		if id := base(e); id != nil && globals[id.Name] && !local[id.Name] {
			t.Errorf("%s: package-level %s is written: state belongs to a value", set.Position(e.Pos()), id.Name)
		}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			if !slices.Contains(mayStartGoroutines, folder) {
				t.Errorf("%s: goroutines are started by %s only", set.Position(n.Pos()), strings.Join(mayStartGoroutines, ", "))
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "os" && slices.Contains(fileFuncs, n.Sel.Name) && !slices.Contains(mayTouchFiles, folder) {
				t.Errorf("%s: os.%s: files are read through internal/vfs", set.Position(n.Pos()), n.Sel.Name)
			}
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					written(e)
				}
			}
		case *ast.IncDecStmt:
			written(n.X)
		}
		return true
	})
}

// base is the variable that an assignment changes: m of m[k] and of m.f.
func base(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// localNames are the names that a function declares itself: they hide a package's.
func localNames(fn *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	fields := func(l *ast.FieldList) {
		if l == nil {
			return
		}
		for _, f := range l.List {
			for _, n := range f.Names {
				names[n.Name] = true
			}
		}
	}
	fields(fn.Recv)
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncType:
			fields(n.Params)
			fields(n.Results)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					if id, ok := e.(*ast.Ident); ok {
						names[id.Name] = true
					}
				}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					names[id.Name] = true
				}
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				names[id.Name] = true
			}
		}
		return true
	})
	return names
}
