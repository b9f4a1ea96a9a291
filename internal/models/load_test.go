package models_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"stopper/internal/models"
	modeldata "stopper/models"
)

func shipped(tb testing.TB) *models.Set {
	tb.Helper()
	set, err := models.Load(modeldata.Files)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func load(text string, extra ...string) (*models.Set, error) {
	var more [][]byte
	for _, e := range extra {
		more = append(more, []byte(e))
	}
	return models.Load(fstest.MapFS{"python/a.toml": {Data: []byte(text)}}, more...)
}

// Every fault of a data file is told with its file and line.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown section", "sinkz = [{ call = \"a.b\" }]", `a.toml:1: unknown section "sinkz"`},
		{"unknown key", "\nsinks = [\n { call = \"a.b\", kinds = \"sql\" },\n]", `a.toml:3: unknown key "kinds"`},
		{"unknown kind", "sinks = [{ call = \"a.b\", kind = \"sqll\" }]", `unknown sink kind "sqll"`},
		{"no kind", "sinks = [{ call = \"a.b\" }]", "names no sink kind"},
		{"check of nothing", "checks = [{ call = \"a.b\" }]", `needs "kinds", "pattern"`},
		{"unknown way to ask", "checks = [{ call = \"a.b\", inner = \"0\", asks = \"me\" }]", "none of value, truth and field"},
		{"unknown way to match", "checks = [{ call = \"a.b\", pattern = \"0\", by = \"eye\" }]", "none of match, search"},
		{"unknown hook", "hooks = [{ call = \"a.b\" }]", "none of value, truth, whole, input and result"},
		{"two loadings", "loads = [{ call = \"a.b\" }, { call = \"a.b\" }]", "there already"},
		{"no subject", "sinks = [{ kind = \"sql\" }]", `either "call" or "assign"`},
		{"two subjects", "sources = [{ call = \"a.b\", attr = \"a.c\" }]", `either "attr" or "call"`},
		{"source kind", "sources = [{ call = \"a.b\", kind = \"space\" }]", "unknown source kind"},
		{"selector", "sinks = [{ call = \"a.b\", kind = \"sql\", arg = \"0|\" }]", "a.toml:1: selector"},
		{"condition", "sinks = [{ call = \"a.b\", kind = \"sql\", when = \"x=\" }]", "a.toml:1: condition"},
		{"path", "clean = [\n\"a.b\",\n\"a..b\"]", "a.toml:3: path"},
		{"braces", "clean = [\"a.{b\"]", "unbalanced braces"},
		{"expansion bomb", "clean = [\"" + strings.Repeat("{a,b}", 20) + "\"]", "stands for more than"},
		{"repeated sink", "sinks = [{ call = \"a.b\", kind = \"sql\" },\n{ call = \"a.{b,c}\", kind = \"sql\" }]", "a.toml:2: a.b: this row is there already"},
		{"repeated event", "events = [\"a.b\",\n\"a.b\"]", "a.toml:2: a.b: this row is there already"},
		{"repeated source", "sources = [{ attr = \"a.b\" },\n{ attr = \"a.b\" }]", "a.toml:2"},
		{"two types", "types = [{ attr = \"a.b\", type = \"X\" },\n{ attr = \"a.b\", type = \"Y\" }]", "has the type X already"},
		{"two aliases", "aliases = [{ from = \"a\", to = \"b\" },\n{ from = \"a\", to = \"c\" }]", "alias of b already"},
		{"own alias", "aliases = [{ from = \"a\", to = \"a\" }]", "alias of itself"},
		{"flow without from", "flows = [{ call = \"a.b\" }]", "needs \"from\""},
		{"empty const", "consts = [{ attr = \"a.b\", value = [] }]", "needs \"value\""},
		{"empty path list", "clean = [{ path = [] }]", "needs \"path\""},
		{"guard result", "guards = [{ call = \"a.b\", kinds = \"sql\", result = \"maybe\" }]", "result must be"},
		{"key twice", "sinks = [{ call = \"a.b\", call = \"a.c\", kind = \"sql\" }]", "call"},
		{"plain table", "[sinks]\ncall = \"a.b\"", "a.toml:1: a plain table"},
		{"dotted key", "a.b = 1", "dotted key"},
		{"nested value", "sinks = [{ call = { a = 1 } }]", "must be a string"},
		{"no list", "sinks = \"x\"", "must be a list of rows"},
		{"doc", "doc = 3", "doc must be the URL"},
		{"syntax", "sinks = [\n{ call = \"a.b\" ", "not valid TOML"},
		{"huge", strings.Repeat("#", 5<<20), "larger than 4 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "a.toml:") {
				t.Errorf("error is %v; want %q", err, c.want)
			}
		})
	}
}

func TestTableRowsAreRows(t *testing.T) {
	set, err := load("doc = \"https://example.org\"\n[[sinks]]\ncall = \"a.b\"\nkind = [\"sql\", \"html\"]\nnote = \"esc\\\"aped\"\n\n[[sinks]]\ncall = \"a.c\"\nkind = \"log\"\n")
	if err != nil {
		t.Fatal(err)
	}
	e := set.Lookup("a.b")
	if len(e.Sinks) != 2 || e.Sinks[0].Note != `esc"aped` || e.Doc != "https://example.org" || len(set.Lookup("a.c").Sinks) != 1 {
		t.Errorf("got %+v", e)
	}
}

// A user's file may repeat, contradict and use other names of what is shipped.
func TestExtraRows(t *testing.T) {
	set, err := load(
		"aliases = [{ from = \"lib._impl\", to = \"lib\" }]\nsinks = [{ call = \"lib.run\", kind = \"sql\" }]\ntypes = [{ attr = \"lib.x\", type = \"lib.A\" }]",
		"sinks = [{ call = \"lib._impl.run\", kind = [\"sql\", \"log\"] }]\ntypes = [{ attr = \"lib.x\", type = \"mine.B\" }]\naliases = [{ from = \"mine.run\", to = \"lib.run\" }]")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(set.Lookup("mine.run").Sinks); n != 2 {
		t.Errorf("lib.run has %d sinks, want sql and log", n)
	}
	if got := set.Lookup("lib.x").Type; got != "mine.B" {
		t.Errorf("lib.x is a %s", got)
	}
}

func TestCyclesEnd(t *testing.T) {
	set, err := load("aliases = [{ from = \"a\", to = \"b\" }, { from = \"b\", to = \"a\" }, { from = \"c\", to = \"c.c\" }]\ntypes = [{ class = \"X\", bases = [\"Y\"] }, { class = \"Y\", bases = [\"X\"] }]")
	if err != nil {
		t.Fatal(err)
	}
	set.Canonical("a.x")
	set.Lookup("c.x")
	set.Lookup(strings.Repeat("c.", 10000) + "c")
	if !set.IsSubtype("X", "Y") || !set.IsSubtype("Y", "X") || set.Member("X", "m") != nil {
		t.Error("a cycle of bases is two classes that inherit from each other")
	}
}

func TestLookup(t *testing.T) {
	set := shipped(t)
	for path, want := range map[string]string{
		"flask.request.args":                               "werkzeug.Request.args",
		"flask.globals.request":                            "flask.request",
		"flask.Request.form":                               "werkzeug.Request.form",
		"flask_restful.request.json":                       "werkzeug.Request.json",
		"werkzeug.datastructures.FileStorage.save":         "werkzeug.FileStorage.save",
		"flask.current_app.logger.info":                    "logging.Logger.info",
		"flask_sqlalchemy.SQLAlchemy.session":              "flask_sqlalchemy.SQLAlchemy.session",
		"flask_sqlalchemy.SQLAlchemy.text":                 "sqlalchemy.text",
		"sqlalchemy.sql.expression.text":                   "sqlalchemy.text",
		"sqlalchemy.orm.scoped_session.execute":            "sqlalchemy.orm.Session.execute",
		"posixpath.join":                                   "os.path.join",
		"io.open":                                          "builtins.open",
		"urllib.quote_plus":                                "urllib.parse.quote_plus",
		"requests.api.get":                                 "requests.get",
		"jinja2.sandbox.SandboxedEnvironment.get_template": "jinja2.Environment.get_template",
	} {
		e := set.Lookup(path)
		if e == nil || e.Path != want {
			t.Errorf("Lookup(%q) = %v, want %s", path, e, want)
		}
	}
	for _, path := range []string{"", ".", "flask", "flask.request.nothing", "nothing.at.all", "flask.request.args.get.x.y"} {
		if e := set.Lookup(path); e != nil {
			t.Errorf("Lookup(%q) = %s, want nothing", path, e.Path)
		}
	}
	if !set.IsSubtype("flask.Request", "werkzeug.wrappers.Request") || set.IsSubtype("werkzeug.Request", "flask.Request") {
		t.Error("flask.Request is a werkzeug.Request and not the other way round")
	}
	if !set.KnowsModule("requests") || set.KnowsModule("nothing") {
		t.Error("KnowsModule")
	}
}

func TestClassesWithoutATypeRow(t *testing.T) {
	set := shipped(t)
	for _, class := range []string{"psycopg2.sql.SQL", "fabric.Connection", "cs50.SQL", "flask_cors.CORS", "clickhouse_driver.Client"} {
		if e := set.Lookup(class); e == nil || !e.IsType || e.Returns != class {
			t.Errorf("%s is no class: %+v", class, e)
		}
	}
	for _, module := range []string{"xml.etree.ElementTree", "xml.etree.ElementTree.fromstring", "os.environ"} {
		if e := set.Lookup(module); e != nil && e.IsType {
			t.Errorf("%s is a class", module)
		}
	}
}

func TestSandboxIsNoTemplateSink(t *testing.T) {
	set := shipped(t)
	if e := set.Member("jinja2.sandbox.ImmutableSandboxedEnvironment", "from_string"); e == nil || len(e.Sinks) != 0 {
		t.Errorf("sandboxed from_string: %+v", e)
	}
	if e := set.Member("jinja2.Environment", "from_string"); e == nil || len(e.Sinks) != 1 {
		t.Errorf("from_string: %+v", e)
	}
}

// Kinds that no call has: the engine or the rules find them without a row.
var kindsWithoutRows = []models.SinkKind{models.HTMLAttr, models.HTMLURL, models.HTMLScript, models.SingleQuote, models.DoubleQuote, models.SecretName, models.PathParent, models.HTMLTag, models.MemberRoot, models.MemberClimb, models.SQLQuote}

func TestEveryKindHasARow(t *testing.T) {
	var seen models.KindSet
	for e := range shipped(t).Entries() {
		for _, s := range slices.Concat(e.Sinks, e.Assign) {
			seen = seen.With(s.Kind)
		}
	}
	for k := models.SQL; k < models.NumKinds; k++ {
		if seen.Has(k) == slices.Contains(kindsWithoutRows, k) {
			t.Errorf("%s: has a row: %v", k, seen.Has(k))
		}
		if back, ok := models.ParseSinkKind(k.String()); !ok || back != k {
			t.Errorf("%s does not read back", k)
		}
		if !models.AllKinds.Has(k) {
			t.Errorf("%s is not among all kinds", k)
		}
	}
	if models.AllKinds.Has(models.NoKind) || models.AllKinds.Len() != int(models.NumKinds)-1 {
		t.Error("AllKinds")
	}
}

// A row that an alias hides can never apply.
func TestShippedRowsAreReachable(t *testing.T) {
	set := shipped(t)
	for e := range set.Entries() {
		if c := set.Canonical(e.Path); c != e.Path {
			t.Errorf("%s is hidden: an alias row turns it into %s", e.Path, c)
		}
		for _, typ := range []string{e.Type, e.Elem, e.Returns} {
			if typ != "" && set.Canonical(typ) != typ {
				t.Errorf("%s: type %s is hidden by an alias", e.Path, typ)
			}
		}
		if e.Doc == "" && !e.IsType {
			t.Errorf("%s has no doc", e.Path)
		}
	}
}

func TestNames(t *testing.T) {
	set := shipped(t)
	for _, c := range []struct {
		what string
		got  []string
		want []string
	}{
		{"sinks", slices.Collect(set.SinkNames()), []string{"execute", "open", "system", "Markup", "redirect", "set_data", "location"}},
		{"sources", slices.Collect(set.SourceNames()), []string{"args", "get_json", "environ", "parse_args"}},
		{"events", slices.Collect(set.EventNames()), []string{"route", "add_url_rule", "Flask", "as_view", "add_resource"}},
	} {
		if !slices.IsSorted(c.got) {
			t.Errorf("%s are not sorted", c.what)
		}
		for _, w := range c.want {
			if !slices.Contains(c.got, w) {
				t.Errorf("%s lack %s", c.what, w)
			}
		}
	}
}

// goneModules left the standard library, or are of Python 2; their rows stay for the code that still names them.
var goneModules = []string{"cgi", "commands", "popen2", "pipes", "imp", "platform.popen"}

// stdlibExceptions are names that exist in some versions or on some systems only, or that stand for an object without a public class.
var stdlibExceptions = []string{
	"os.startfile", "os.add_dll_directory", "os.chflags", "os.lchflags", "os.lchmod", "os.path.splitroot", "sqlite3.Connection.load_extension",
	"builtins.execfile", "hashlib.Hash", "hashlib.file_digest", "pathlib.PurePath.with_segments", "pathlib.Path.link_to",
	"csv.Writer", "ssl.wrap_socket", "itertools.batched", "pathlib.PurePath.__fspath__",
}

// TestStandardLibraryNames asks the installed CPython whether every path of a standard module exists.
func TestStandardLibraryNames(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on this machine")
	}
	var paths []string
	for e := range shipped(t).Entries() {
		if !slices.ContainsFunc(slices.Concat(goneModules, stdlibExceptions), func(p string) bool { return e.Path == p || strings.HasPrefix(e.Path, p+".") }) {
			paths = append(paths, e.Path)
		}
	}
	cmd := exec.Command(python, "-I", "testdata/names.py")
	cmd.Stdin = strings.NewReader(strings.Join(paths, "\n"))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Fields(string(out)) {
		t.Errorf("%s is not in CPython's standard library", line)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		shipped(b)
	}
}
