package models_test

import (
	"slices"
	"testing"

	"stopper/internal/models"
)

// hasSink reports whether a call of path is a sink of the kind at the position, when its other arguments are as given.
func hasSink(set *models.Set, path string, kind models.SinkKind, pos int, given map[string]string) bool {
	e := set.Lookup(path)
	return e != nil && slices.ContainsFunc(e.Sinks, func(s models.Sink) bool {
		return s.Kind == kind && (s.Arg.Pos == pos || s.Arg.Self && pos == self) && holds(s.Conds, given)
	})
}

const self = -9

func holds(conds []models.Cond, given map[string]string) bool {
	for _, c := range conds {
		name := c.Arg
		if c.Key != "" {
			name += "[" + c.Key + "]"
		}
		value, ok := given[name]
		if ok && !c.Match(value) || !ok && !c.MatchAbsent() {
			return false
		}
	}
	return true
}

func TestWellKnownSinks(t *testing.T) {
	set := shipped(t)
	type given = map[string]string
	for _, c := range []struct {
		path  string
		kind  models.SinkKind
		pos   int
		given given
		want  bool
	}{
		{"sqlite3.Cursor.execute", models.SQL, 0, nil, true},
		{"sqlite3.Cursor.execute", models.SQL, 1, nil, false},
		{"psycopg2.extensions.cursor.execute", models.SQL, 0, nil, true},
		{"pymysql.cursors.DictCursor.execute", models.SQL, 0, nil, true},
		{"flask_sqlalchemy.SQLAlchemy.session.execute", models.SQL, 0, nil, true},
		{"flask_sqlalchemy.SQLAlchemy.engine.execute", models.SQL, 0, nil, true},
		{"subprocess.run", models.Shell, 0, given{"shell": "True"}, true},
		{"subprocess.run", models.Shell, 0, given{"shell": "False"}, false},
		{"subprocess.run", models.Shell, 0, nil, false},
		{"subprocess.run", models.Program, 0, nil, true},
		{"subprocess.run", models.Program, 0, given{"shell": "True"}, false},
		{"io.open", models.PathRead, 0, nil, true},
		{"io.open", models.PathRead, 0, given{"mode": "w"}, false},
		{"io.open", models.PathWrite, 0, given{"mode": "r+b"}, true},
		{"io.open", models.PathWrite, 0, given{"mode": "rb"}, false},
		{"pathlib.PosixPath.read_text", models.PathRead, self, nil, true},
		{"flask.Response", models.HTML, 0, nil, true},
		{"flask.Response", models.HTML, 0, given{"mimetype": "text/plain"}, false},
		{"flask.Response", models.HTML, 0, given{"content_type": "application/json"}, false},
		{"flask.Response", models.HTML, 0, given{"headers[Content-Type]": "application/json"}, false},
		{"flask.Response", models.HTML, 0, given{"mimetype": "image/svg+xml"}, true},
		{"werkzeug.wrappers.Response", models.HTML, 0, nil, false},
		{"werkzeug.wrappers.Response", models.HTML, 0, given{"mimetype": "text/html"}, true},
		{"flask.send_from_directory", models.PathRead, 0, nil, true},
		{"flask.send_from_directory", models.PathRead, 1, nil, false},
		{"jinja2.environment.Environment.from_string", models.Template, 0, nil, true},
		{"jinja2.sandbox.SandboxedEnvironment.from_string", models.Template, 0, nil, false},
		{"requests.sessions.Session.get", models.URLFetch, 0, nil, true},
		{"requests.request", models.URLFetch, 1, nil, true},
		{"werkzeug.utils.redirect", models.URLRedirect, 0, nil, true},
		{"yaml.load", models.Deserialize, 0, given{"Loader": "yaml.SafeLoader"}, false},
		{"yaml.load", models.Deserialize, 0, given{"Loader": "yaml.UnsafeLoader"}, true},
		{"yaml.load", models.Deserialize, 0, nil, true},
		{"yaml.safe_load", models.Deserialize, 0, nil, false},
		{"tarfile.TarFile.extractall", models.Archive, self, given{"filter": "data"}, false},
		{"tarfile.TarFile.extractall", models.Archive, self, nil, true},
	} {
		if got := hasSink(set, c.path, c.kind, c.pos, c.given); got != c.want {
			t.Errorf("%s, %s at %d with %v: %v, want %v", c.path, c.kind, c.pos, c.given, got, c.want)
		}
	}
}

func TestWellKnownSanitizers(t *testing.T) {
	set := shipped(t)
	for _, c := range []struct {
		path string
		kind models.SinkKind
		want bool
	}{
		{"werkzeug.utils.secure_filename", models.PathWrite, true},
		{"flask.safe_join", models.PathRead, true},
		{"werkzeug.security.safe_join", models.PathRead, true},
		{"flask.escape", models.HTML, true},
		{"flask.escape", models.SQL, false},
		{"html.escape", models.HTML, true},
		{"shlex.quote", models.Shell, true},
		{"shlex.quote", models.Argv, false},
		{"os.path.join", models.PathRead, false},
		{"os.path.realpath", models.PathRead, false},
		{"bleach.clean", models.HTML, true},
		{"bleach.linkify", models.HTML, false},
		{"ldap.filter.escape_filter_chars", models.LDAP, true},
		{"urllib.parse.quote", models.PathRead, false},
		{"urllib.parse.quote", models.URLRedirect, false},
	} {
		e := set.Lookup(c.path)
		got := e != nil && slices.ContainsFunc(e.Sanitizers, func(s models.Sanitizer) bool { return s.Kinds.Has(c.kind) })
		if e == nil || got != c.want {
			t.Errorf("%s cleans %s: %v, want %v (%+v)", c.path, c.kind, got, c.want, e)
		}
	}
}
