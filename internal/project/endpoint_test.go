package project_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stopper/internal/deps"
	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
	"stopper/internal/workspace"
	pymodels "stopper/models"
)

const endpoints = `
import functools
from flask import Blueprint, Flask, abort, make_response, redirect, request, session
from flask_jwt_extended import jwt_required
from flask_limiter import Limiter
from flask_login import current_user, login_required
from flask_wtf import CSRFProtect
import database as db

app = Flask(__name__, static_folder=None)
csrf = CSRFProtect(app)
limiter = Limiter(app)
members = Blueprint("members", __name__)
staff = Blueprint("staff", __name__)

@app.before_request
def banned():
    if current_user.is_authenticated:
        if current_user.is_banned:
            abort(403)

@members.before_request
def only_members():
    if not current_user.is_authenticated:
        return redirect("/login")

@staff.before_request
@login_required
def only_staff():
    pass

@app.get("/open/<name>")
def open_view(name): return helper()

def helper():
    session["seen"] = True
    answer = make_response(request.args["q"] + request.headers["X"])
    answer.set_cookie("theme", "dark")
    return answer

@app.post("/change")
@login_required
@limiter.limit("1/minute")
def change():
    db.session.add(request.get_json())
    db.session.commit()
    return "x"

def ratelimit(count):
    def decorator(view):
        @functools.wraps(view)
        def wrapper(*args, **kwargs):
            if current_user.is_authenticated and db.visits(current_user.id) > count:
                abort(429)
            return view(*args, **kwargs)
        return wrapper
    return decorator

@app.post("/often")
@ratelimit(10)
def often(): return "x"

def noted(view):
    @functools.wraps(view)
    def wrapper(*args, **kwargs):
        answer = make_response(view(*args, **kwargs))
        answer.headers["X-Noted"] = "yes"
        return answer
    return wrapper

@app.get("/noted/<key>")
@noted
def noted_one(key):
    if request.headers.get("X-Key") != db.key():
        abort(403)
    return "x"

@app.get("/noted")
@noted
def noted_all(): return "x"

@app.get("/guest")
@jwt_required(optional=True)
def guest(): return "x"

@app.get("/token")
@jwt_required()
def token(): return "x"

@app.post("/hook")
@csrf.exempt
def hook(): return request.data

@members.get("/m")
def m(): return "x"

@staff.post("/s")
def s(): return request.form["x"]

class Other:
    request = {}
    def read(self, request): return request.args

app.register_blueprint(members)
app.register_blueprint(staff)
`

// A ban is no login, a limit no guard, a decorator above the registration none either, and what a helper reads is read by the view.
func TestEndpoint(t *testing.T) {
	set, err := models.Load(pymodels.Files)
	if err != nil {
		t.Fatal(err)
	}
	prog := semantic.Build([]*ast.File{parser.Parse(source.NewFile("app.py", []byte(endpoints)), parser.Options{})})
	res := flow.Analyze(context.Background(), prog, set, flow.Options{})
	p := project.New(project.Project{Work: &workspace.Workspace{}, Deps: &deps.Set{}, Models: set, Prog: prog, Flow: res, Flask: flask.Build(prog, set, res, flask.Tree{})})
	var got strings.Builder
	for _, r := range p.Flask.Routes {
		e := p.Endpoint(r)
		fmt.Fprintf(&got, "%s auth=%q csrf=%q limit=%q inputs=%v templates=%v cookies=%v changes=%v\n", project.RouteName(r), e.Auth, e.CSRF, e.Limit, e.Inputs, e.Templates, e.Cookies, e.ChangesState)
	}
	want := `GET /open/<name> auth="" csrf="flask_wtf.csrf.CSRFProtect" limit="" inputs=[headers path query] templates=[] cookies=[session theme] changes=false
POST /change auth="flask_login.login_required" csrf="flask_wtf.csrf.CSRFProtect" limit="flask_limiter.Limiter().limit" inputs=[json] templates=[] cookies=[] changes=true
POST /often auth="" csrf="flask_wtf.csrf.CSRFProtect" limit="app.ratelimit" inputs=[] templates=[] cookies=[] changes=false
GET /noted/<key> auth="" csrf="flask_wtf.csrf.CSRFProtect" limit="" inputs=[headers path] templates=[] cookies=[] changes=false
GET /noted auth="" csrf="flask_wtf.csrf.CSRFProtect" limit="" inputs=[] templates=[] cookies=[] changes=false
GET /guest auth="" csrf="flask_wtf.csrf.CSRFProtect" limit="" inputs=[] templates=[] cookies=[] changes=false
GET /token auth="flask_jwt_extended.jwt_required()" csrf="flask_wtf.csrf.CSRFProtect" limit="" inputs=[] templates=[] cookies=[] changes=false
POST /hook auth="" csrf="exempt" limit="" inputs=[body] templates=[] cookies=[] changes=false
GET /m auth="the hook only_members" csrf="flask_wtf.csrf.CSRFProtect" limit="" inputs=[] templates=[] cookies=[] changes=false
POST /s auth="flask_login.login_required" csrf="flask_wtf.csrf.CSRFProtect" limit="" inputs=[form] templates=[] cookies=[] changes=false
`
	if d := cmp.Diff(want, got.String()); d != "" {
		t.Error(d)
	}
}
