package effects_test

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"

	"stopper/internal/effects"
	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
)

const program = `
from flask import session, request, abort, g, redirect, url_for
from flask_login import current_user, logout_user as bye
from flask_wtf.csrf import validate_csrf
import hmac
from .db import db, helper
import flask_login

def writes():
    db.session.add(1)
    db.session.commit()

def reads():
    items = set()
    items.add(2)
    open("x").read()
    file.save("/tmp/x")
    return session.get("theme")

def asks():
    return session.get("user_id") or "user_id" in session

def sql(conn, name):
    conn.execute("SELECT 1")
    conn.execute(text("  delete from users where id = ?"), (name,))

def quiet(conn):
    return conn.execute("SELECT updated FROM t").fetchall()

def signs_out():
    bye()

def signs_in(user):
    session.clear()
    session["user_id"] = user.id

def stores_theme():
    session["theme"] = "dark"

def guard():
    if not current_user.is_authenticated:
        return redirect(url_for("login"))

def by_header():
    if request.headers.get("X-Api-Key") != KEY:
        abort(403)

def ordinary_header():
    return request.headers.get("Accept")

def denies():
    return {"error": "no"}, 401

def moves_on():
    return redirect(url_for("index"))

def token():
    validate_csrf(request.form["csrf_token"])

def back():
    return redirect(request.headers.get("Referer") or "/")

def same_site():
    if request.headers.get("Origin") != HOME:
        abort(400)

def role():
    session["admin_user"] = False

def signed():
    return hmac.compare_digest(a, b)

def through():
    helper()

def needs(f):
    def wrapper(*a):
        if g.user is None:
            abort(401)
        return f(*a)
    return wrapper

def mail():
    mail.send(message)

def shared(api, store):
    api.stop_downloads(1)
    store.data["a"]["b"] = 1

def local(rows):
    out = {}
    out["a"] = 1
    response.headers["X"] = "y"
    rows.set("a")

def by_module():
    if flask_login.current_user.is_authenticated == False:
        return redirect(url_for("login"))

def ends(own):
    own.session.destroy()
    own.window.destroy()

def plain_delete(book):
    book.delete()
    cache.delete("key")
`

const other = `
db = make()
def helper():
    db.session.delete(1)
`

func analysis(t *testing.T, files map[string]string) (*effects.Analysis, map[string]ir.FuncID) {
	t.Helper()
	var infos []*semantic.FileInfo
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f := parser.Parse(source.NewFile(name, []byte(files[name])), parser.Options{})
		infos = append(infos, semantic.Scan(f))
	}
	prog := semantic.Link(infos)
	set, err := models.Load(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	res := flow.Analyze(context.Background(), prog, set, flow.Options{})
	funcs := map[string]ir.FuncID{}
	for i := range prog.NumFuncs() {
		funcs[prog.QualName(ir.FuncID(i))] = ir.FuncID(i)
	}
	return effects.New(prog, res, nil), funcs
}

func TestOwnEffects(t *testing.T) {
	a, funcs := analysis(t, map[string]string{"app/__init__.py": "", "app/views.py": program, "app/db.py": other})
	for name, want := range map[string]effects.Kind{
		"writes": effects.Write, "reads": 0, "asks": effects.AsksSession, "sql": effects.Write, "quiet": 0,
		"signs_out": effects.SignOut, "signs_in": effects.SignIn | effects.SignOut | effects.Renews, "stores_theme": 0,
		"by_module": effects.AsksSession | effects.Refuses, "ends": effects.SignOut | effects.Renews, "guard": effects.AsksSession | effects.Refuses, "by_header": effects.AsksHeader | effects.Unverified | effects.Refuses, "ordinary_header": 0,
		"denies": effects.Refuses, "moves_on": 0, "token": effects.ChecksToken | effects.ReadsForm, "signed": effects.ChecksSecret, "back": 0, "same_site": effects.ChecksToken | effects.Refuses, "role": 0,
		"mail": effects.Write, "plain_delete": effects.Write, "shared": effects.Shared, "local": 0, "through": 0, "needs": 0,
	} {
		var got effects.Kind
		for _, e := range a.Of(funcs[name]) {
			got |= e.Kind
		}
		if got != want {
			t.Errorf("%s: %b, want %b: %v", name, got, want, a.Of(funcs[name]))
		}
	}
}

func TestReach(t *testing.T) {
	a, funcs := analysis(t, map[string]string{"app/__init__.py": "", "app/views.py": program, "app/db.py": other})
	if e := effects.First(a.Reach(funcs["through"], 2), effects.Write); e == nil || e.What != "changes rows of the database" {
		t.Errorf("the helper's write was not seen: %v", e)
	}
	if effects.Has(a.Reach(funcs["through"], 0), effects.Write) {
		t.Error("depth 0 looks into callees")
	}
	if in := a.Inside(funcs["needs"], 1); !effects.Has(in, effects.AsksCaller) || !effects.Has(in, effects.Refuses) {
		t.Errorf("the wrapper of a decorator was not seen: %v", in)
	}
}

func TestAnnounces(t *testing.T) {
	for name, want := range map[string]string{"delete_topic": "delete", "/shelf/delete/<int:id>": "delete", "show_address": "", "settings": "", "toggleBan": "toggle", "deleteUser": "delete", "deleteannouncement": "delete", "/removeitem": "remove", "deletedusers": "", "removers": "", "enabled": "", "getUserToDelete": "", "viewDeleted": "", "add-settlement": "add", "self-assign-allowed": "", "check_update": "", "get_delete_form": ""} {
		if got := effects.Announces(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// Hostile input: unbounded nesting and broken files give no effects, and no panic.
func TestHostile(t *testing.T) {
	deep := "def f():\n    x = " + string(slices.Repeat([]byte("a.b("), 300)) + string(slices.Repeat([]byte(")"), 300)) + "\n"
	a, funcs := analysis(t, map[string]string{"a.py": deep, "b.py": "def g(:\n  session['user'] = \n"})
	for _, id := range funcs {
		a.Reach(id, 3)
		a.Inside(id, 3)
	}
}
