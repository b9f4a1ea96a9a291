package wire_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"stopper/internal/models"
	"stopper/internal/rules/all"
	"stopper/internal/ruletest"
	"stopper/internal/vfs"
	modeldata "stopper/models"
)

// sink is a dangerous place, with texts that do there what they must not, and how that shows in the answer.
type sink struct {
	name     string
	rule     string
	code     []string // lines that use v and return
	payloads []string
	shows    string // regexp over status line, Location and body
}

func sinks() []sink {
	return []sink{
		{"html", "FLASK-XSS-001", []string{`return f"<p>{v}</p>"`}, []string{"<i>x", "<b onclick=x>y"}, `(?i)<i>|<b `},
		{"sql", "FLASK-INJECT-001", []string{
			`rows = sqlite3.connect("shop.db").execute("SELECT name FROM product WHERE name = '" + str(v) + "'").fetchall()`,
			`return {"found": len(rows)}`,
		}, []string{"'or'1", "' OR '1'='1", " or 1 --", `\' OR 1=1--`}, `"found":2`},
		{"sqlnumber", "FLASK-INJECT-001", []string{
			`rows = sqlite3.connect("shop.db").execute("SELECT name FROM product WHERE rowid = " + str(v)).fetchall()`,
			`return {"found": len(rows)}`,
		}, []string{"1 or 1", "rowid", "1 OR 1=1", "bs(1) or 1", `' or 1--"`}, `"found":2`},
		{"path", "FLASK-PATH-001", []string{
			`with open(os.path.join("notes", str(v))) as source:`, `    return {"text": source.read()}`,
		}, []string{"../secret.txt", "{dir}/secret.txt", "....//secret.txt", "x/../../secret.txt", "./../secret.txt", "/../../secret.txt"}, `own secret`},
		{"redirect", "FLASK-REDIRECT-001", []string{`return redirect(str(v))`},
			[]string{"//evil.example", "https://evil.example", "https:evil.example", "/\t/evil.example", "////evil.example", "https://evil.example/a", "a/../https://evil.example"},
			`(?im)^Location: ((https?:)?/{2,}|https?:)evil\.example`},
		{"template", "FLASK-SSTI-001", []string{`return {"text": render_template_string("Hello " + str(v))}`}, []string{"{{7*191}}", "{%print(7*191)%}"}, `Hello (.*[^*])?1337`},
		{"shell", "FLASK-INJECT-002", []string{
			`done = subprocess.run("echo " + str(v), shell=True, capture_output=True)`, `return {"text": done.stdout.decode()}`,
		}, []string{"a;echo w$((60+7))w", "`echo w$((60+7))w`", "$(echo w$((60+7))w)", "a\necho w$((60+7))w", "a|echo w$((60+7))w", "a;id", "a\nid", "'$(echo w$((60+7))w)"}, `w67w|uid=`},
		{"argument", "FLASK-INJECT-002", []string{
			`done = subprocess.run(["ls", str(v)], capture_output=True)`, `return {"text": done.stdout.decode()}`,
		}, []string{"--version", "-a"}, `(?i)coreutils|secret\.txt`},
		{"code", "FLASK-CODE-001", []string{`return {"text": str(eval(str(v)))}`}, []string{"7*191", "13+1324", "bs(1337)", "PRODUCT.__doc__"}, `"1337"|A thing`},
		{"format", "FLASK-SSTI-001", []string{`return {"text": str(v).format(p=PRODUCT)}`}, []string{"{p.__class__}", "{p.__doc__}"}, `<class|A thing`},
		{"xpath", "FLASK-XPATH-001", []string{`return {"found": len(STAFF.xpath("/staff/person[@name='" + str(v) + "']"))}`}, []string{"' or '1'='1", "'or'1"}, `"found":2`},
		{"fetch", "FLASK-SSRF-001", []string{
			`answer = requests.get(str(v), timeout=5, allow_redirects=False)`, `return {"text": answer.text}`,
		}, []string{"http://{inside}", "http://{inside}/a", "http://{inside}/a/b?c"}, `inside the network`},
		{"headername", "FLASK-HEADER-001", []string{`response = make_response({"done": True})`, `response.headers[str(v)] = "1"`, `return response`}, []string{"refresh", "Refresh"}, `(?im)^Refresh: 1`},
	}
}

// ways are what happens to v between the request and the dangerous place.
func ways() map[string]string {
	return map[string]string{
		"as-it-is":        `v = v`,
		"str":             `v = str(v)`,
		"strip":           `v = v.strip()`,
		"lower":           `v = v.lower()`,
		"cut":             `v = v[:30]`,
		"plus":            `v = "" + v`,
		"percent":         `v = "%s" % v`,
		"format":          `v = "{}".format(v)`,
		"fstring":         `v = f"{v}"`,
		"bytes":           `v = v.encode().decode()`,
		"base64":          `v = base64.b64decode(base64.b64encode(v.encode())).decode()`,
		"list":            `v = [v, "x"][0]`,
		"dict":            `v = {"a": v}["a"]`,
		"tuple":           `_, v = "x", v`,
		"join":            `v = "".join([v])`,
		"split":           `v = ",".join(v.split(","))`,
		"helper":          `v = same(v)`,
		"object":          `v = Box(v).inner`,
		"lambda":          `v = (lambda x: x)(v)`,
		"comprehension":   `v = [x for x in [v]][0]`,
		"default":         `v = v or "x"`,
		"try":             `try:` + "\n" + `    v = v` + "\n" + `except ValueError:` + "\n" + `    abort(400)`,
		"escape":          `v = escape(v)`,
		"html-escape":     `v = html.escape(v)`,
		"int":             `v = int(v)`,
		"float":           `v = float(v)`,
		"length":          `v = len(v)`,
		"hash":            `v = hashlib.sha256(v.encode()).hexdigest()`,
		"equal":           `v = "yes" if v == "x" else "no"`,
		"repr":            `v = repr(v)`,
		"json":            `v = json.dumps(v)`,
		"url-quote":       `v = urllib.parse.quote(v)`,
		"url-quote-all":   `v = urllib.parse.quote(v, safe="")`,
		"shell-quote":     `v = shlex.quote(v)`,
		"secure-filename": `v = secure_filename(v)`,
		"basename":        `v = os.path.basename(v)`,
		"letters-kept":    `v = re.sub(r"[^a-z]", "", v)`,
		"word-kept":       `v = re.sub(r"\W", "", v)`,
		"tags-removed":    `v = re.sub(r"[<>]", "", v)`,
		"quotes-doubled":  `v = v.replace("'", "''")`,
		"quotes-removed":  `v = v.replace("'", "")`,
		"dots-removed":    `v = v.replace("../", "")`,
		"table":           `v = {"a": "b"}.get(v, "z")`,
		"table-or-itself": `v = {"a": "b"}.get(v, v)`,
		"one-of":          `v = v if v in ("a", "b") else "a"`,
		"must-be-one-of":  `if v not in ("a", "b"):` + "\n" + `    abort(400)`,
		"must-not-be":     `if v in ("a", "b"):` + "\n" + `    abort(400)`,
		"fullmatch":       `if not re.fullmatch(r"[a-z]+", v):` + "\n" + `    abort(400)`,
		"match-start":     `if not re.match(r"[a-z/{;'<]*", v):` + "\n" + `    abort(400)`,
		"match-line":      `if not re.match(r"^[a-z]+$", v):` + "\n" + `    abort(400)`,
		"isalnum":         `if not v.isalnum():` + "\n" + `    abort(400)`,
		"isdigit":         `if not v.isdigit():` + "\n" + `    abort(400)`,
		"isalnum-ignored": `v.isalnum()`,
		"no-dots":         `if ".." in v:` + "\n" + `    abort(400)`,
		"no-dots-or-root": `if ".." in v or v.startswith("/"):` + "\n" + `    abort(400)`,
		"no-quote":        `if "'" in v:` + "\n" + `    abort(400)`,
		"no-tag":          `if "<" in v:` + "\n" + `    abort(400)`,
		"no-brace":        `if "{" in v:` + "\n" + `    abort(400)`,
		"no-dash":         `if v.startswith("-"):` + "\n" + `    abort(400)`,
		"short":           `if len(v) > 200:` + "\n" + `    abort(400)`,
		"no-host":         `if urllib.parse.urlsplit(v).netloc:` + "\n" + `    abort(400)`,
		"last-part":       `v = v.split("/")[-1]`,
		"prefix":          `v = "a" + v`,
		"asserted":        `assert v`,
		"swallowed":       `try:` + "\n" + `    check(v)` + "\n" + `except ValueError:` + "\n" + `    pass`,
		"checked":         `check(v)`,
	}
}

const generatedHead = `import base64
import hashlib
import html
import json
import os
import re
import shlex
import sqlite3
import subprocess
import urllib.parse

import requests
from flask import Flask, abort, make_response, redirect, render_template_string, request
from lxml import etree
from markupsafe import escape
from werkzeug.utils import secure_filename

app = Flask(__name__)
STAFF = etree.parse("staff.xml")


class Product:
    """A thing for sale."""


class Box:
    def __init__(self, inner):
        self.inner = inner


PRODUCT = Product()


def same(text):
    return text


def check(text):
    if not text.isalnum():
        raise ValueError(text)
`

// view is one view of a generated application, and how it is attacked.
type view struct {
	name, rule, route, read string
	lines                   []string
	payloads                []string
	shows                   string
	send                    func(base, text string) (*http.Request, error)
}

// generated are the views for each sink and way.
func generated() []view {
	var views []view
	for _, s := range sinks() {
		for _, way := range sortedKeys(ways()) {
			views = append(views, view{
				name: s.name + "/" + way, rule: s.rule, read: `request.args["v"]`, lines: append(strings.Split(ways()[way], "\n"), s.code...),
				payloads: s.payloads, shows: s.shows, send: sources()["args"].send,
			})
		}
	}
	return views
}

// assemble is the text of the application, and the first and last line of each view.
func assemble(head string, views []view) (text string, spans map[string][2]int) {
	var b strings.Builder
	b.WriteString(head)
	line := strings.Count(head, "\n")
	spans = map[string][2]int{}
	for i, v := range views {
		given := ""
		if v.route != "" {
			given = "given"
		}
		text := fmt.Sprintf("\n\n@app.route(\"/%s%s\", methods=[\"GET\", \"POST\"])\ndef view%d(%s):\n    v = %s\n", v.name, v.route, i, given, v.read)
		if slices.Contains(v.lines, "global LAST") {
			text = strings.Replace(text, "    v = ", "    global LAST\n    v = ", 1)
		}
		for _, l := range v.lines {
			if l != "global LAST" {
				text += "    " + l + "\n"
			}
		}
		spans[v.name] = [2]int{line + 1, line + strings.Count(text, "\n")}
		line += strings.Count(text, "\n")
		b.WriteString(text)
	}
	return b.String(), spans
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// TestGenerated: what the audit says of a view is what happens when it is attacked, for every sink and every way to it.
func TestGenerated(t *testing.T) {
	compareViews(t, generatedHead, generated(), map[string]string{
		"staff.xml":        `<staff><person name="ada"/><person name="bob"/></staff>`,
		"secret.txt":       "the data directory's own secret\n",
		"notes/x/keep.txt": "kept\n",
		"notes/a/keep.txt": "kept\n",
	})
}

// compareViews audits an application, runs it, attacks each view, and demands that both say the same.
func compareViews(t *testing.T, head string, views []view, others map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), setupLimit)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "./setup.sh").CombinedOutput(); err != nil {
		t.Fatalf("setup.sh: %v\n%s", err, out)
	}
	text, spans := assemble(head, views)
	reported := auditGenerated(t, text, spans)
	files := []txtar.File{{Name: "app.py", Data: []byte(text)}}
	for _, name := range sortedKeys(others) {
		files = append(files, txtar.File{Name: name, Data: []byte(others[name])})
	}
	p := &pair{
		name: "generated", sides: []string{"good"}, files: map[string][]txtar.File{"good": files},
		serve:  map[string][]string{"good": strings.Fields("gunicorn --worker-class gthread --threads 4 --timeout 120 --bind 127.0.0.1:{port} app:app")},
		shared: []txtar.File{{Name: "prepare.py", Data: []byte(generatedTables)}},
	}
	s := p.start(t, startForker(t), "good", startOthers(t))
	known := readKnown(t)
	wrong := 0
	for _, v := range views {
		with := s.attack(t, v)
		if got := reported[v.name][v.rule]; got != (with != "") && known[v.name] == "" {
			wrong++
			t.Errorf("%s: attacked with %q, reported %v", v.name, with, got)
		} else if got == (with != "") && known[v.name] != "" {
			t.Errorf("%s agrees: take it out of generated.txt", v.name)
		}
	}
	t.Logf("%d views attacked, %d wrong", len(views), wrong)
}

const generatedTables = `import sqlite3

sqlite3.connect("shop.db").executescript("CREATE TABLE product (name TEXT); INSERT INTO product VALUES ('cup'), ('kettle');")
`

// attack sends each payload to a view and returns the first that works, "" when none does.
func (s *site) attack(t *testing.T, v view) string {
	t.Helper()
	shows := regexp.MustCompile(v.shows)
	for _, payload := range v.payloads {
		payload = s.fill(payload)
		req, err := v.send("http://127.0.0.1:"+s.ports["app"]+"/"+v.name, payload)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultTransport.RoundTrip(req) // a client would follow, or judge where to
		if err != nil {
			t.Fatalf("%s with %q: %v", v.name, payload, err)
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var head strings.Builder
		_ = resp.Header.Write(&head)
		if resp.StatusCode < 400 && shows.MatchString(strings.ReplaceAll(head.String(), "\r", "")+string(body)) {
			return payload
		}
	}
	return ""
}

// auditGenerated gives the rules that speak of each view.
func auditGenerated(t *testing.T, text string, spans map[string][2]int) map[string]map[string]bool {
	t.Helper()
	set, err := models.Load(modeldata.Files)
	if err != nil {
		t.Fatal(err)
	}
	tree := txtar.Format(&txtar.Archive{Files: []txtar.File{{Name: "app.py", Data: []byte(text)}}})
	out := map[string]map[string]bool{}
	for _, f := range ruletest.Audit(t, vfs.Txtar(tree), set, all.Rules()).Result.Findings {
		for name, span := range spans {
			if f.Pos.Line >= span[0] && f.Pos.Line <= span[1] {
				if out[name] == nil {
					out[name] = map[string]bool{}
				}
				out[name][f.RuleID] = true
			}
		}
	}
	return out
}

// readKnown reads the differences that are kept, with the reason for each.
func readKnown(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash("generated.txt"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, _ := strings.Cut(line, " ")
		if reason == "" {
			t.Fatalf("generated.txt: no reason: %q", line)
		}
		out[name] = reason
	}
	return out
}
