package deps

import (
	"fmt"
	"strings"
	"testing"
)

func describe(f *File) string {
	var b strings.Builder
	for _, d := range f.Deps {
		fmt.Fprintf(&b, "%d %s", d.Line, d.Name)
		for word, on := range map[string]bool{d.Version: d.Version != "", "(" + d.Spec + ")": d.Version == "" && d.Spec != ""} {
			if on {
				b.WriteString(" " + word)
			}
		}
		if d.Dev {
			b.WriteString(" dev")
		}
		if d.Hashed {
			b.WriteString(" hashed")
		}
		if d.Direct {
			b.WriteString(" direct")
		}
		if d.Marker != "" {
			b.WriteString(" if " + d.Marker)
		}
		b.WriteByte('\n')
	}
	if f.Python.Text != "" {
		fmt.Fprintf(&b, "%d python %s\n", f.Python.Line, f.Python.Text)
	}
	return b.String()
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, path, text, want string }{
		{"requirements", "requirements.txt", `# top
Flask==3.1.3  # pinned
Flask_SQLAlchemy[async] >= 3.0, < 4 ; python_version >= "3.9"
-r base.txt
--index-url https://mirror.example/simple
gunicorn==22.0.0 \
    --hash=sha256:abc \
    --hash=sha256:def
git+https://host.example/x.git#egg=x
tool @ https://host.example/tool.whl
requests
just some words here
`, `2 flask 3.1.3
3 flask-sqlalchemy (>= 3.0, < 4) if python_version >= "3.9"
6 gunicorn 22.0.0 hashed
10 tool direct
11 requests
`},
		{"requirements for tests", "requirements/test.txt", "pytest==8\n", "1 pytest 8 dev\n"},
		{"pep 621", "pyproject.toml", `[project]
name = "x"
requires-python = ">=3.8"
dependencies = [
  "Flask>=2.0,<3",
  "werkzeug == 2.3.7",
]
[project.optional-dependencies]
redis = ["redis"]
dev = ["pytest"]
[dependency-groups]
lint = ["ruff", {include-group = "x"}]
`, `5 flask (>=2.0,<3)
6 werkzeug 2.3.7
9 redis
10 pytest dev
12 ruff dev
3 python >=3.8
`},
		{"poetry", "pyproject.toml", `[tool.poetry.dependencies]
python = "^3.11"
flask = "^2.3"
jinja2 = {version = "3.1.2", extras = ["i18n"]}
own = {path = "../own"}
[tool.poetry.group.dev.dependencies]
black = "*"
`, `3 flask (^2.3)
4 jinja2 3.1.2
5 own direct
7 black dev
2 python ^3.11
`},
		{"pipfile", "Pipfile", "[packages]\nflask = \"==2.2.2\"\nredis = \"*\"\n[dev-packages]\npytest = \"*\"\n[requires]\npython_version = \"3.9\"\n",
			"2 flask 2.2.2\n3 redis\n5 pytest dev\n7 python 3.9\n"},
		{"pipfile lock", "Pipfile.lock", "{\n \"_meta\": {\"sources\": [{\"name\": \"pypi\"}]},\n \"default\": {\n  \"flask\": {\"hashes\": [\"sha256:x\"],\n   \"version\": \"==2.2.2\"}\n },\n \"develop\": {\n  \"pytest\": {\"version\": \"==8.0\"}\n }\n}\n",
			"4 flask 2.2.2\n8 pytest 8.0 dev\n"},
		{"poetry lock", "poetry.lock", "[[package]]\nname = \"flask\"\nversion = \"2.2.2\"\ncategory = \"main\"\n\n[package.dependencies]\nname = \">=1\"\n\n[[package]]\nname = \"pytest\"\nversion = \"7\"\ncategory = \"dev\"\n\n[metadata]\nname = \"x\"\nversion = \"1\"\n",
			"2 flask 2.2.2\n10 pytest 7 dev\n"},
		{"uv lock", "uv.lock", "version = 1\n[[package]]\nname = \"Flask\"\nversion = \"3.0.0\"\nsource = { registry = \"x\" }\n[[package]]\nname = \"own\"\nversion = \"0\"\nsource = { editable = \".\" }\n",
			"3 flask 3.0.0\n7 own 0 direct\n"},
		{"pylock", "pylock.toml", "lock-version = \"1.0\"\n[[packages]]\nname = \"flask\"\nversion = \"3.0.0\"\n[[packages.wheels]]\nname = \"flask-3.whl\"\n", "3 flask 3.0.0\n"},
		{"setup.cfg", "setup.cfg", "[options]\ninstall_requires =\n    Flask>=1\n    six\npython_requires = >=3.6\n[options.extras_require]\ntest = pytest\n", "3 flask (>=1)\n4 six\n7 pytest dev\n5 python >=3.6\n"},
		{"conda", "environment.yml", "dependencies:\n  - python=3.9\n  - flask=2.2.2\n  - pip:\n    - gunicorn==20.1.0\n", "3 flask 2.2.2\n5 gunicorn 20.1.0\n2 python ==3.9\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, problems := Parse(c.path, []byte(c.text))
			if len(problems) > 0 {
				t.Error(problems)
			}
			if got := describe(f); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestBadInput(t *testing.T) {
	for p, text := range map[string]string{
		"pyproject.toml":      "a = " + strings.Repeat("[", 100_000),
		"Pipfile":             "[packages\nflask",
		"Pipfile.lock":        `{"default": {"flask": ` + strings.Repeat("[", 5000),
		"a/Pipfile.lock":      `{"default": [1, 2]}]`,
		"environment.yml":     "a: [",
		"a/environment.yml":   "dependencies: 5\n",
		"poetry.lock":         "[[package]]\nname = \"x\n[[package]]\n",
		"requirements.txt":    strings.Repeat("a\\\n", 100_000),
		"b/requirements.txt":  strings.Repeat("x==1\n", MaxDeps+10),
		"c/requirements.txt":  "\x00\xff==1\n[==\n" + strings.Repeat("a-", 5000),
		"setup.cfg":           "[options\ninstall_requires = \n [",
		"no-manifest.ini":     "x",
		"requirements/dev.in": "",
	} {
		f, _ := Parse(p, []byte(text))
		if f != nil && len(f.Deps) > MaxDeps {
			t.Error(p)
		}
	}
}

func TestSet(t *testing.T) {
	var s Set
	for p, text := range map[string]string{"requirements.txt": "flask>=2\nredis==5.0\n", "poetry.lock": "[[package]]\nname = \"flask\"\nversion = \"2.2.2\"\n", "dev-requirements.txt": "flask==1.0\npytest==8\n"} {
		f, _ := Parse(p, []byte(text))
		s.Files = append(s.Files, f)
	}
	if d, ok := s.Locked("flask"); !ok || d.Version != "2.2.2" || !s.HasLock() {
		t.Errorf("%+v", d)
	}
	if d, ok := s.Locked("redis"); !ok || d.Version != "5.0" {
		t.Errorf("%+v", d)
	}
	if _, ok := s.Locked("pytest"); ok || !s.Uses("pytest") || s.Uses("nothing") {
		t.Error("development")
	}
}

func TestVersions(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"2.2.2", "2.2.10", true}, {"3.1", "3.1.0", false}, {"3.1.0rc1", "3.1.0", true}, {"junk", "1", false}, {strings.Repeat("1", 200), "2", false}} {
		if Older(c.a, c.b) != c.want {
			t.Error(c)
		}
	}
	for _, c := range []struct {
		spec, version string
		want          bool
	}{{">=2,<3", "3.1.0", false}, {"^2.3", "3.0", false}, {"^2.3", "2.9", true}, {"^0.4", "0.5", false}, {"", "1", true}, {"~=2.2", "2.9", true}, {"latest", "1", true}, {"^", "1", true}} {
		if Allows(c.spec, c.version) != c.want {
			t.Error(c)
		}
	}
}

func FuzzParse(f *testing.F) {
	names := []string{"requirements.txt", "pyproject.toml", "Pipfile", "Pipfile.lock", "poetry.lock", "setup.cfg", "environment.yml"}
	f.Add(0, "flask==1 ; x\n")
	f.Add(1, "[project]\ndependencies = [\"flask\"]\n")
	f.Add(3, `{"default": {"a": {"version": "==1"}}}`)
	f.Add(4, "[[package]]\nname = \"a\"\nversion = \"1\"\n")
	f.Fuzz(func(t *testing.T, i int, text string) {
		p := names[uint(i)%uint(len(names))]
		file, _ := Parse(p, []byte(text))
		lines := strings.Count(text, "\n") + 1
		for _, d := range file.Deps {
			if d.Line < 1 || d.Line > lines {
				t.Errorf("%s: line %d of %d: %+v", p, d.Line, lines, d)
			}
			Compare(d.Version, "1.0")
			Allows(d.Spec, "1.0")
		}
	})
}
