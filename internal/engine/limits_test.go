package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"stopper/internal/engine"
	"stopper/internal/vfs"
)

// each writes a line for each of n numbers.
func each(n int, line string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(line, "%d", strconv.Itoa(i)))
	}
	return b.String()
}

const (
	opening = "from flask import Flask, Blueprint, request, session, jsonify\nimport os\napp = Flask(__name__)\n"
	orders  = `from flask_sqlalchemy import SQLAlchemy
from flask_login import current_user, login_required
db = SQLAlchemy()
class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    owner_id = db.Column(db.Integer, db.ForeignKey("users.id"))
@app.get("/first/<int:n>")
@login_required
def first(n):
    o = db.session.get(Order, n)
    if o.owner_id != current_user.id: return ""
    return jsonify(o.id)
@app.get("/mine")
@login_required
def mine(): return jsonify([o.id for o in Order.query.filter_by(owner_id=current_user.id)])
`
)

// beyond are programs that reach the limits of what stands around the flow engine.
var beyond = map[string]vfs.Map{
	"tokens that are taken apart by hand": main(opening + "import json, jwt\ndef f(x):\n" + each(250, "    json.loads(x.a%d)\n") + "    return x\n"),
	"evaluated nodes":                     main(opening + "for a in range(3000):\n    for b in range(3000):\n        app.config[str(a)] = b\n@app.get('/')\ndef f(): return ''\n"),
	"calls within calls":                  main(opening + "def f0(a): a.add_url_rule('/', 'x', view)\ndef view(): return ''\n" + calling(80) + "f80(app)\n"),
	"modules that import each other":      modules(320),
	"calls of one function":               main(opening + "def f(a):\n    if a == 7: app.add_url_rule('/', 'x', f)\n" + each(20, "for i in range(4000): f(i)\n")),
	"rounds of a while loop":              main(opening + "n = 0\nwhile n < 1000:\n    n += 1\n    app.add_url_rule('/' + str(n), 'v' + str(n), print)\n"),
	"work that is put off":                main(opening + "def add(a): a.add_url_rule('/', 'x', print)\nbp = Blueprint('b', __name__)\n" + each(6, "for i in range(4000): app.register_blueprint(bp, name=str(i))\n")),
	"blueprints":                          main(opening + "for i in range(2500):\n    bp = Blueprint('b' + str(i), __name__)\n    bp.add_url_rule('/' + str(i), 'v', print)\n"),
	"configurations that are loaded":      main(opening + "" + each(60, "class C%d:\n    A = 1\napp.config.from_object(C%d)\n")),
	"variables of the environment":        main(opening + each(600, "app.config['A%d'] = os.environ['A%d']\n")),
	"operations of OpenAPI documents": {
		"main.py":  "import connexion\napp = connexion.FlaskApp(__name__)\napp.add_api('api.yaml')\ndef view(): return ''\n",
		"api.yaml": "openapi: 3.0.0\npaths:\n" + each(2600, "  /a%d:\n    get: {operationId: main.view}\n    put: {operationId: main.view}\n    post: {operationId: main.view}\n    delete: {operationId: main.view}\n"),
	},
	"OpenAPI documents":                              documents(230),
	"functions below one function":                   main(opening + "@app.post('/')\ndef f():\n" + each(450, "    g%d()\n") + each(450, "def g%d(): h%d()\ndef h%d(): print(%d)\n")),
	"effects of one function that its callers have":  main(opening + orders + "@app.post('/')\ndef f(): g()\ndef g():\n" + each(90, "    db.session.add(Order(id=%d))\n    db.session.commit()\n")),
	"routes that reach one function":                 main(opening + each(1100, "@app.get('/%d')\ndef v%d(): return g()\n") + "def g(): return os.system(request.args['x'])\n"),
	"functions below one view":                       main(opening + orders + "@app.get('/o/<int:n>')\n@login_required\ndef one(n):\n" + each(80, "    g%d(n)\n") + each(80, "def g%d(n): return h(n)\n") + "def h(n): return n\n" + each(1600, "def k%d(): pass\n") + "@app.get('/k')\ndef k():\n" + each(1600, "    k%d()\n")),
	"lookups below one view":                         main(opening + orders + "@app.get('/o/<int:n>')\n@login_required\ndef one(n):\n    l = []\n" + each(220, "    l.append(Order.query.filter_by(id=n).first())\n") + "    return jsonify(l)\n"),
	"places where one function asks for the caller":  main(opening + orders + "@app.get('/o/<int:n>')\n@login_required\ndef one(n):\n" + each(80, "    if current_user.id == %d: print(%d)\n") + "    return jsonify(db.session.get(Order, n))\n"),
	"calls of one function that pass who is calling": main(opening + orders + "def load(n, who):\n    o = db.session.get(Order, n)\n    return o if o.owner_id == who else None\n" + each(50, "@app.get('/o%d/<int:n>')\n@login_required\ndef v%d(n): return jsonify(load(n, current_user.id))\n")),
	"calls of one helper":                            main(opening + orders + "from markupsafe import Markup\ndef link(name): return Markup(f'<a>{name}</a>')\n" + each(50, "@app.get('/l%d')\ndef v%d(): return link('a')\n")),
	"expressions of one text":                        main(opening + "@app.get('/')\ndef f(o):\n    return '<p>' + " + strings.Repeat("o.a + ", 600) + "''\n"),
	"helpers of one function":                        main(opening + "import zipfile\n@app.post('/')\ndef f():\n" + each(80, "    g%d()\n") + "    zipfile.ZipFile(request.files['x']).extractall('/tmp')\n    return ''\n" + each(80, "def g%d(): pass\n")),
	"expressions that one is made of":                main(opening + orders + "@app.get('/o/<int:n>')\n@login_required\ndef one(n):\n    if [" + strings.Repeat("n, ", 5000) + "] == current_user.id: return ''\n    return jsonify(db.session.get(Order, n))\n"),
}

func main(text string) vfs.Map { return vfs.Map{"main.py": text} }

// calling are functions that call the one before.
func calling(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "def f%d(a): f%d(a)\n", i, i-1)
	}
	return b.String()
}

func modules(n int) vfs.Map {
	out := main(opening + "import m0\n")
	for i := range n {
		out[fmt.Sprintf("m%d.py", i)] = fmt.Sprintf("import m%d\nfrom main import app\ndef v(): return ''\napp.add_url_rule('/%d', 'v%d', v)\n", i+1, i, i)
	}
	return out
}

func documents(n int) vfs.Map {
	out := main("import connexion\napp = connexion.FlaskApp(__name__)\ndef view(): return ''\n" + each(n, "app.add_api('a%d.yaml')\n"))
	for i := range n {
		out[fmt.Sprintf("a%d.yaml", i)] = fmt.Sprintf("openapi: 3.0.0\npaths:\n  /a%d:\n    get: {operationId: main.view}\n", i)
	}
	return out
}

func TestLimitsAreTold(t *testing.T) {
	for what, fsys := range beyond {
		t.Run(what, func(t *testing.T) {
			c := audit(t, t.Context(), fsys, engine.Options{}).Result.Coverage
			if !slices.ContainsFunc(c.Budgets, func(line string) bool { return strings.Contains(line, "the limit of "+what+" was reached") }) {
				t.Errorf("not told; told are %q", c.Budgets)
			}
			for _, fault := range c.InternalErrors {
				t.Error(fault)
			}
		})
	}
}

// Whoever adds a limit reaches it above.
func TestLimitsAreReached(t *testing.T) {
	said := regexp.MustCompile(`\blimit[A-Z]\w* *= "([^"]+)"|\.Cut\("([^"]+)"`)
	var files []string
	for _, dir := range []string{"startup", "flask", "effects", "project", "rule", "rules/*"} {
		found, err := filepath.Glob("../" + dir + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	n := 0
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(text), -1) {
			n++
			if _, ok := beyond[m[1]+m[2]]; !ok {
				t.Errorf("%s: nothing reaches %q", path, m[1]+m[2])
			}
		}
	}
	if n == 0 {
		t.Error("no limits found")
	}
}
