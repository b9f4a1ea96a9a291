package workspace

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"stopper/internal/vfs"
)

func load(t *testing.T, files vfs.Map, opts Options) *Workspace {
	t.Helper()
	ws, err := Load(files, opts)
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

func paths(ws *Workspace) string {
	var out []string
	for _, f := range ws.Files {
		out = append(out, f.Path)
	}
	return strings.Join(out, " ")
}

func skips(ws *Workspace) string {
	var out []string
	for _, s := range ws.Skipped {
		out = append(out, s.Path+"="+s.Reason.String())
	}
	return strings.Join(out, " ")
}

func TestClassify(t *testing.T) {
	for p, want := range map[string]Class{
		"app.py": Python, "pkg/a.PY": Python, "a.pyc": Other,
		"templates/a.html": Template, "theme/core/a.html": Template, "static/a.html": Other, "docs/a.html": Other, "templates/static/x.html": Template,
		"templates/mail.txt": Template, "mail.txt": Other, "a.j2": Template, "templates/feed.xml": Template,
		"Dockerfile": Dockerfile, "docker/Dockerfile.dev": Dockerfile, "app.dockerfile": Dockerfile, "Dockerfile.dockerignore": Other,
		"docker-compose.yml": Compose, "compose.yaml": Compose, "docker-compose.override.yml": Compose, "composer.json": Config,
		"nginx/site.conf": Nginx, "deployment/nginx": Nginx, "setup/nginx": Other, "nginx_docker/default.conf": Nginx, "engineX/site.conf": Config, "nginx.conf": Nginx, "sites-available/app": Nginx, "gunicorn.conf": Config,
		"Procfile": Procfile, "Procfile.dev": Procfile, "app.service": Systemd,
		"supervisord.conf": Supervisor, "supervisor/app.conf": Supervisor,
		"k8s/app.yaml": K8s, "helm/app/templates/d.yaml": K8s, "x.yaml": Config,
		"run.sh": Shell, ".env": Env, ".env.production": Env, "prod.env": Env, ".flaskenv": Env,
		".github/workflows/ci.yml": CI, ".gitlab-ci.yml": CI, ".circleci/config.yml": CI,
		"requirements.txt": Requirements, "requirements/base.txt": Requirements, "dev-requirements.txt": Requirements, "pyproject.toml": Requirements, "poetry.lock": Lock,
		"pylock.dev.toml": Lock, "config.toml": Config, "README.md": Other, "logo.png": Other,
	} {
		if got := classify(p); got != want {
			t.Errorf("%s: %v, want %v", p, got, want)
		}
	}
	for p, want := range map[string][2]bool{
		"tests/a.py": {true, false}, "a/test_x.py": {true, false}, "attest/x.py": {false, false}, "docs/conf.py": {false, true}, "latest.py": {false, false}, "contest.py": {false, false},
	} {
		if isTest(p) != want[0] || isExample(p) != want[1] {
			t.Errorf("%s: test %v, example %v", p, isTest(p), isExample(p))
		}
	}
}

func TestWalkSkipsWhatIsNotTheApplication(t *testing.T) {
	ws := load(t, vfs.Map{
		"app.py": "", "build/lib/x.py": "", "dist/x.py": "", "pkg/build/y.py": "", "node_modules/a/setup.py": "", "myenv/pyvenv.cfg": "", "myenv/lib/z.py": "",
		".venv/a.py": "", "a/__pycache__/b.py": "", "x.egg-info/a.py": "", ".git/hooks/a.py": "",
		".gitignore": "*.log\n/local\n", "x.log": "", "local/s.py": "", "pkg/.gitignore": "!keep.log\nsecret.py\n", "pkg/keep.log": "", "pkg/secret.py": "", "secret.py": "",
		"gen/skip.py": "",
	}, Options{ExcludePaths: []string{"gen/"}})
	if got := paths(ws); got != ".gitignore app.py pkg/.gitignore pkg/build/y.py pkg/keep.log secret.py" {
		t.Error(got)
	}
	if got := skips(ws); !strings.Contains(got, "gen/=excluded by configuration") || !strings.Contains(got, "local/=ignored") || !strings.Contains(got, "myenv/=not part") {
		t.Error(got)
	}
}

func TestBuildFolderThatIsAPackage(t *testing.T) {
	if got := paths(load(t, vfs.Map{"build/__init__.py": "", "build/x.py": ""}, Options{})); got != "build/__init__.py build/x.py" {
		t.Error(got)
	}
}

func TestShebangAndRead(t *testing.T) {
	ws := load(t, vfs.Map{"bin/serve": "#!/usr/bin/env python3\n", "entry": "#!/bin/sh\n", "LICENSE": "MIT", "bin.py": "a\x00b", "big.py": strings.Repeat("#", 6<<20)}, Options{})
	if f, _ := ws.Lookup("bin/serve"); f.Class != Python {
		t.Error(f)
	}
	if f, _ := ws.Lookup("entry"); f.Class != Shell {
		t.Error(f)
	}
	if got := skips(ws); got != "big.py=too large" {
		t.Error(got)
	}
	var skip *SkipError
	if _, err := ws.Read("bin.py"); !errors.As(err, &skip) || skip.Reason != Binary {
		t.Error(err)
	}
	if _, err := ws.Read("big.py"); !errors.As(err, &skip) {
		t.Error(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if b, err := ws.Read("entry"); err != nil || len(b) != 10 {
				t.Error(b, err)
			}
		})
	}
	wg.Wait()
}

// What an installer recorded is not the application; what lies beside it is, whatever its name.
func TestPackagesInstalledIntoTheTree(t *testing.T) {
	fs := vfs.Map{
		"libs/flask/app.py":                 "x = 1\n",
		"libs/six.py":                       "x = 1\n",
		"libs/ours/views.py":                "x = 1\n",
		"libs/flask-3.0.3.dist-info/RECORD": "../../bin/flask,sha256=a,1\nflask/app.py,sha256=b,2\r\n,,\n",
		"libs/six-1.17.dist-info/RECORD":    "six.py,,\n",
		"libs/ours-1.dist-info/METADATA":    "Name: ours\n",
		"app/flask/views.py":                "x = 1\n",
		"app/ours.egg-info/RECORD":          "ours.py\n",
		"app/ours.py":                       "x = 1\n",
		"hostile/a.dist-info/RECORD":        "../app/ours.py,,\n/app/ours.py,,\n" + strings.Repeat("x", 1<<16),
		"liar.dist-info/RECORD":             "hidden.py,,\n",
		"hidden.py":                         "x = 1\n",
		"top.py":                            "x = 1\n",
		"hostile/views.py":                  "x = 1\n",
	}
	ws, err := Load(fs, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := paths(ws); got != "app/flask/views.py app/ours.py hostile/views.py libs/ours/views.py top.py" {
		t.Error(got)
	}
	// Whoever writes a record can name the application in it, so what it names is a gap that a report tells.
	told := map[string]string{}
	for _, s := range ws.Skipped {
		if s.Reason == Installed && s.Reason.IsGap() {
			told[s.Path] = s.Detail
		}
	}
	if len(told) != 2 || told["libs/"] != "flask, six.py" || told["./"] != "hidden.py" {
		t.Error(told)
	}
}

// Libraries that were copied into the tree are not the application; modules with such names elsewhere, and Flask itself, are.
func TestLibrariesCopiedIntoTheTree(t *testing.T) {
	fs := vfs.Map{
		"libs/flask/__init__.py":        "x = 1\n",
		"libs/werkzeug/__init__.py":     "x = 1\n",
		"libs/rarely/used.py":           "x = 1\n",
		"libs/six.py":                   "x = 1\n",
		"libs/settings.ini":             "x = 1\n",
		"gae/flask/__init__.py":         "x = 1\n",
		"gae/werkzeug/__init__.py":      "x = 1\n",
		"gae/six.py":                    "x = 1\n",
		"gae/shop/views.py":             "x = 1\n",
		"gae/main.py":                   "x = 1\n",
		"modules/flask/__init__.py":     "x = 1\n",
		"modules/werkzeug/__init__.py":  "x = 1\n",
		"modules/shop/views.py":         "x = 1\n",
		"src/flask/__init__.py":         "x = 1\n",
		"src/redis/__init__.py":         "x = 1\n",
		"areas/flask/notes.py":          "x = 1\n",
		"areas/werkzeug/notes.py":       "x = 1\n",
		"lib/requests/requests_page.py": "x = 1\n",
	}
	ws, err := Load(fs, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := paths(ws); got != "areas/flask/notes.py areas/werkzeug/notes.py gae/main.py gae/shop/views.py lib/requests/requests_page.py libs/settings.ini modules/shop/views.py "+
		"src/flask/__init__.py src/redis/__init__.py" {
		t.Error(got)
	}
	told := map[string]string{}
	for _, s := range ws.Skipped {
		if s.Reason == Copied && s.Reason.IsGap() {
			told[s.Path] = s.Detail
		}
	}
	if len(told) != 3 || told["libs/"] != "flask, rarely, six.py, werkzeug" || told["gae/"] != "flask, six.py, werkzeug" {
		t.Error(told)
	}
}

func TestEmptyTreeAndMissing(t *testing.T) {
	if ws, err := Load(vfs.Map{}, Options{}); !errors.Is(err, ErrEmpty) || ws == nil {
		t.Error(err)
	}
	if _, _, err := Open(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "no such file or folder") {
		t.Error(err)
	}
}

func TestOpenFileInsteadOfFolder(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"app.py", "other.py"} {
		if err := os.WriteFile(filepath.Join(dir, n), []byte("x = 1\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	disk, opts, err := Open(filepath.Join(dir, "app.py"))
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	ws, err := Load(disk, opts)
	if err != nil || paths(ws) != "app.py" {
		t.Error(paths(ws), err)
	}
}

func TestLinksOnDisk(t *testing.T) {
	base := t.TempDir()
	root := filepath.Join(base, "root")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(root, "a/b"), 0o755))
	must(os.MkdirAll(filepath.Join(root, ".git"), 0o755))
	must(os.WriteFile(filepath.Join(root, "a/real.py"), nil, 0o644))
	must(os.WriteFile(filepath.Join(root, ".gitignore"), []byte("hidden\n"), 0o644))
	must(os.WriteFile(filepath.Join(root, "hidden"), nil, 0o644))
	must(os.WriteFile(filepath.Join(root, ".git/config"), nil, 0o644))
	must(os.WriteFile(filepath.Join(base, "secret"), nil, 0o644))
	for l, target := range map[string]string{"same.py": "a/real.py", "a/b/up": "..", "self": "self", "gone.py": "x", "out.py": "../secret", "shown.py": "hidden", "git.py": ".git/config", "root": "."} {
		must(os.Symlink(target, filepath.Join(root, l)))
	}
	disk, opts, err := Open(root)
	must(err)
	defer disk.Close()
	ws, err := Load(disk, opts)
	must(err)
	if got := paths(ws); got != ".gitignore a/real.py shown.py" {
		t.Error(got)
	}
	want := "a/b/up=link to a file that is audited git.py=not part of the application gone.py=broken link hidden=ignored out.py=link leads out of the root root=link to a file that is audited same.py=link to a file that is audited self=loop of links"
	if got := strings.TrimPrefix(skips(ws), ".git/=not part of the application "); got != want {
		t.Error(got)
	}
}

func TestDeepTreeIsBounded(t *testing.T) {
	ws := load(t, vfs.Map{strings.Repeat("d/", 500) + "x.py": "", "a.py": ""}, Options{})
	if paths(ws) != "a.py" || ws.Skipped[0].Reason != Limit {
		t.Error(paths(ws), skips(ws))
	}
}

func TestHostileIgnoreFileDoesNotHang(t *testing.T) {
	m := vfs.Map{".gitignore": strings.Repeat(strings.Repeat("*a", 100)+"b\n", 1000)}
	for i := range 100 {
		m[fmt.Sprintf("%s%d.py", strings.Repeat("a", 200), i)] = ""
	}
	if ws := load(t, m, Options{}); len(ws.Files) != 101 {
		t.Error(len(ws.Files))
	}
}

// STOPPER_BENCH_TREE names a checkout to walk.
func BenchmarkLoad(b *testing.B) {
	dir := os.Getenv("STOPPER_BENCH_TREE")
	if dir == "" {
		b.Skip("STOPPER_BENCH_TREE is not set")
	}
	disk, opts, err := Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer disk.Close()
	for b.Loop() {
		ws, err := Load(disk, opts)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(ws.Files)), "files")
	}
}
