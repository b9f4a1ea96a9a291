package semantic_test

import (
	"fmt"
	"testing"

	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
)

// Where imports lead in layouts that depend on sys.path.
func TestLayouts(t *testing.T) {
	files := map[string]string{
		"src/pkg/__init__.py":       "",
		"src/pkg/db.py":             "class Model: pass\n",
		"tests/test_db.py":          "from pkg.db import Model\nimport redis\n",
		"backend/main.py":           "from routes.users import bp\nimport config as c\nfrom routes import users\n",
		"backend/config.py":         "X = 1\nA = B\nB = A\n",
		"backend/routes/users.py":   "from config import X\nfrom .helpers import h\nimport routes.helpers\nbp = 1\n",
		"backend/routes/helpers.py": "def h(): pass\n",
		"app/__init__.py":           "from flask import Flask\ndef create(): pass\n",
		"app/celery.py":             "from celery import Celery\napp = Celery()\n",
		"app/tasks.py":              "from celery import Celery, shared_task\nimport models\nfrom .celery import app\nfrom ..x import nothing\n",
		"app/models.py":             "from flask_sqlalchemy import *\ndb = SQLAlchemy()\nclass User(db.Model): pass\ndef f():\n    from app import create\n    class L(User): pass\n",
		"utils/redis.py":            "x = 1\n",
		"cycle/a.py":                "from cycle.b import *\nfrom cycle.b import q\n",
		"cycle/b.py":                "from cycle.a import *\nfrom cycle.a import q\n",
		"typed.py":                  "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.models import User\nelse:\n    User = object\ntry:\n    import simplejson as json\nexcept ImportError:\n    import json\n",
	}
	var asts []*ast.File
	for path, text := range files {
		asts = append(asts, parse(path, text))
	}
	prog := semantic.Build(asts)
	tests := []struct{ module, name, want string }{
		{"tests.test_db", "Model", "class pkg.db.Model"},
		{"tests.test_db", "redis", "external redis"},
		{"backend.main", "bp", "var backend.routes.users.bp"},
		{"backend.main", "c.X", "var backend.config.X"},
		{"backend.main", "users", "module backend.routes.users"},
		{"backend.config", "A", "var backend.config.B"},
		{"backend.routes.users", "X", "var backend.config.X"},
		{"backend.routes.users", "h", "func backend.routes.helpers.h"},
		{"backend.routes.users", "routes.helpers.h", "func backend.routes.helpers.h"},
		{"routes.users", "h", "func backend.routes.helpers.h"},
		{"app", "Flask", "external flask.Flask"},
		{"app.tasks", "shared_task", "external celery.shared_task"},
		{"app.tasks", "models.User", "class app.models.User"},
		{"app.tasks", "app", "var app.celery.app"},
		{"app.celery", "Celery", "external celery.Celery"},
		{"app.models", "SQLAlchemy", "external flask_sqlalchemy.SQLAlchemy"},
		{"app.models", "db.Model", "var app.models.db"},
		{"app.models", "print", "external builtins.print"},
		{"cycle.a", "q", "unknown"},
		{"typed", "User", "class app.models.User"},
		{"typed", "json.loads", "external simplejson.loads"},
	}
	for _, tt := range tests {
		m := prog.Module(tt.module)
		if m == nil {
			t.Errorf("no module %s", tt.module)
			continue
		}
		got := describe(prog, prog.ResolveName(m, tt.name))
		if got != tt.want && !(tt.want == "unknown" && got == "var cycle.a.q") && !(tt.want == "unknown" && got == "var cycle.b.q") {
			t.Errorf("%s in %s: got %s, want %s", tt.name, tt.module, got, tt.want)
		}
	}
}

// The names that a function touches decide whether it is lowered at all.
func TestFacts(t *testing.T) {
	fi := semantic.Scan(parse("m.py", "import os\ndef f(a):\n    g(a.b.c(), a.b)\n    return [lambda: os.environ[k] for k in a]\n"))
	names := func(syms []ast.Sym) (s string) {
		for _, y := range syms {
			s += fi.File.Name(y) + " "
		}
		return s
	}
	for _, tt := range []struct {
		what string
		got  []ast.Sym
		want string
	}{
		{"calls of f", fi.Calls(1), "g c "}, {"attributes of f", fi.Attrs(1), "c b "}, {"globals of f", fi.Globals(1), "g "},
		{"attributes of the lambda", fi.Attrs(2), "environ "}, {"globals of the lambda", fi.Globals(2), "os "},
	} {
		if got := names(tt.got); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.what, got, tt.want)
		}
	}
}

// Folders that the program puts on sys.path itself, by a name that only its environment knows.
func TestAddedPaths(t *testing.T) {
	files := map[string]string{
		"site/start.py":             "import os, sys\nsys.path.append(os.environ['SHOP_LIB'])\n",
		"site/views/orders.py":      "from stock import shelf\nfrom stock.items import Item\nimport ledger\nimport json\nimport redis\nimport requests\nfrom twice import x\nimport ledgers\n",
		"tools/stock/shelf.py":      "def get(): pass\n",
		"tools/stock/items.py":      "class Item: pass\n",
		"tools/ledger.py":           "def add(): pass\n",
		"tools/json.py":             "def loads(): pass\n",
		"tools/redis/__init__.py":   "def Redis(): pass\n",
		"vendor/requests/api.py":    "def get(): pass\n",
		"one/twice.py":              "x = 1\n",
		"two/twice.py":              "x = 2\n",
		"more/pkg/__init__.py":      "",
		"more/pkg/ledgers.py":       "def add(): pass\n",
		"more/tests/ledger_test.py": "import ledger\n",
	}
	tests := []struct{ name, want, without string }{
		{"shelf.get", "func tools.stock.shelf.get", "external stock.shelf.get"},
		{"Item", "class tools.stock.items.Item", "external stock.items.Item"},
		{"ledger.add", "func tools.ledger.add", "external ledger.add"},
		{"json.loads", "external json.loads", "external json.loads"},
		{"redis.Redis", "external redis.Redis", "external redis.Redis"}, // a library of that name is known
		{"requests.get", "external requests.get", "external requests.get"},
		{"x", "external twice.x", "external twice.x"}, // two folders have it
		{"ledgers.add", "external ledgers.add", "external ledgers.add"},
	}
	for _, extends := range []bool{true, false} {
		if !extends {
			files["site/start.py"] = "import os, sys\nprint(sys.path, os.path)\nitems = []\nitems.append(1)\n"
		}
		var infos []*semantic.FileInfo
		for path, text := range files {
			infos = append(infos, semantic.Scan(parse(path, text)))
		}
		prog := semantic.LinkBeside(infos, func(top string) bool { return top == "redis" })
		for _, tt := range tests {
			want := tt.want
			if !extends {
				want = tt.without
			}
			if got := describe(prog, prog.ResolveName(prog.Module("site.views.orders"), tt.name)); got != want {
				t.Errorf("extends %v: %s is %s, want %s", extends, tt.name, got, want)
			}
		}
	}
}

// Modules that pass on all names of each other: what stars stand for does not grow with the square of the program, and the
// program says that something is missing.
func TestStarsAreBounded(t *testing.T) {
	build := func(modules int) *semantic.Program {
		var infos []*semantic.FileInfo
		for i := range modules {
			text := fmt.Sprintf("from m%d import *\nfrom m%d import *\n", (i+1)%modules, (i+7)%modules)
			for j := range 20 {
				text += fmt.Sprintf("n%d_%d = 1\n", i, j)
			}
			file := source.NewFile(fmt.Sprintf("m%d.py", i), []byte(text))
			infos = append(infos, semantic.Scan(parser.Parse(file, parser.Options{})))
		}
		return semantic.Link(infos)
	}
	size := func(p *semantic.Program) (n int) {
		for _, m := range p.Modules {
			n += len(m.Imports)
		}
		return n
	}
	if p := build(30); p.StarsCut {
		t.Error("30 modules are cut")
	} else if got := p.ResolveName(p.Modules[0], "n3_4"); got.Kind != semantic.TargetVar || got.Name != "n3_4" {
		t.Errorf("n3_4 is %v", got)
	}
	if p := build(600); !p.StarsCut || size(p) > 1<<20 {
		t.Errorf("600 modules: %d imports, cut: %v", size(p), p.StarsCut)
	}
}

// A name in a scope of many is found as in one of few.
func TestCrowdedScope(t *testing.T) {
	for _, n := range []int{3, 500} {
		text := "import a.b\ndef f():\n    import c as v0\n"
		for i := 1; i < n; i++ {
			text += fmt.Sprintf("    v%d = 1\n", i)
		}
		p := semantic.Build([]*ast.File{parser.Parse(source.NewFile("m.py", []byte(text)), parser.Options{})})
		fi := p.Info(p.Modules[0])
		if got := p.ResolveIn(p.Modules[0], fi.Funcs[1].Scope, "v0.x"); got.Path != "c.x" {
			t.Errorf("%d names: v0.x is %v", n, got)
		}
		if _, ok := fi.Lookup(fi.Funcs[1].Scope, "v2"); !ok {
			t.Errorf("%d names: v2 is not found", n)
		}
		if _, ok := fi.Lookup(fi.Funcs[1].Scope, "w"); ok {
			t.Errorf("%d names: w is found", n)
		}
	}
}
