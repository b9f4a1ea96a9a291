package deployment

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stopper/internal/vfs"
	"stopper/internal/workspace"
)

func fold(t testing.TB, m vfs.Map) *Deployment {
	t.Helper()
	ws, err := workspace.Load(m, workspace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return Fold(ws)
}

// describe writes an entry on one line, leaving out what is empty.
func describe(e Entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d %s", e.File, e.Line, e.Kind)
	add := func(format string, v string) {
		if v != "" {
			fmt.Fprintf(&b, " "+format, v)
		}
	}
	add("target=%s", e.Target)
	add("bind=%s", e.Bind)
	if e.Debug {
		add("debug(%s)", fmt.Sprintf("%s:%d %s", e.DebugBy.File, e.DebugBy.Line, e.DebugBy.Text))
	}
	if e.DebugLegacy {
		add("legacy-debug(%s)", e.DebugBy.File)
	}
	for word, on := range map[string]bool{"unlinked": e.Unlinked} {
		if on {
			b.WriteString(" " + word)
		}
	}
	if e.Conditional {
		b.WriteString(" conditional")
	}
	if e.Dev {
		add("dev(%s)", e.DevWhy)
	}
	for _, v := range e.Via {
		fmt.Fprintf(&b, " via %s:%d", v.File, v.Line)
	}
	add("service=%s", e.Service)
	return b.String()
}

func TestFold(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			m := vfs.Txtar(text)
			want := strings.TrimSpace(m["want"])
			delete(m, "want")
			d := fold(t, m)
			var got []string
			for _, e := range d.Entries {
				got = append(got, describe(e))
			}
			for _, e := range d.TLS {
				got = append(got, fmt.Sprintf("tls %s:%d %s", e.File, e.Line, e.Text))
			}
			for _, s := range d.Skipped {
				got = append(got, fmt.Sprintf("skipped %s:%d", s.File, s.Line))
			}
			if g := strings.Join(got, "\n"); g != want {
				t.Errorf("got\n%s\nwant\n%s", g, want)
			}
		})
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	d := fold(t, vfs.Map{"Procfile": "web: SECRET_KEY=hunter2hunter2 DATABASE=postgres://u:hunter2@db/x flask run --api-token hunter2\n", ".env": "SECRET_KEY=hunter2\nFLASK_DEBUG=1\nNAME=shop\n"})
	if s := d.Entries[0].Snippet; strings.Contains(s, "hunter2") || !strings.Contains(s, "flask run") {
		t.Error(s)
	}
	for _, v := range d.Env {
		if strings.Contains(v.Redacted(), "hunter2") {
			t.Error(v.Name)
		}
	}
	if v := d.Lookup("FLASK_DEBUG"); len(v) != 1 || v[0].Redacted() != "1" {
		t.Error(v)
	}
	if v := d.Lookup("SECRET_KEY"); len(v) != 2 || v[0].Raw() != "hunter2" || v[0].Line != 1 || v[0].File != ".env" {
		t.Error(v)
	}
}

func TestEnvDefaults(t *testing.T) {
	d := fold(t, vfs.Map{"docker-compose.yml": "services:\n  web:\n    image: x\n    environment:\n      SECRET_KEY: ${SECRET_KEY:-changeme}\n      A:\n"})
	v := d.Lookup("SECRET_KEY")
	if len(v) != 1 || v[0].Default != "changeme" || v[0].Effective() != "changeme" || v[0].Line != 5 || v[0].Service != "web" || d.Lookup("A")[0].IsSet {
		t.Errorf("%+v", v)
	}
}

func TestExpand(t *testing.T) {
	env := []EnvVar{{Name: "A", value: "1", IsSet: true}, {Name: "L", value: "$L", IsSet: true}, {Name: "X", value: "$Y", IsSet: true}, {Name: "Y", value: "$X", IsSet: true}, {Name: "P", value: "${P:-80}", Default: "80", IsSet: true}}
	for in, want := range map[string]string{"$A": "1", "x${A}y": "x1y", "$B": "$B", "${B:-d}": "d", "${B:-$A}": "1", "${B:-[::]:5}": "[::]:5", "$": "$", "${": "${", "$L": "", "$(a)": "$(a)", "$P": "80", "${A": "${A"} {
		if got := expand(in, env, 0); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	expand("$X", env, 0)
	if got := expand(strings.Repeat("$A", 100_000), []EnvVar{{Name: "A", value: strings.Repeat("x", 4000), IsSet: true}}, 0); len(got) > maxExpanded {
		t.Error(len(got))
	}
}

func TestHostileTreesEnd(t *testing.T) {
	wide := ""
	for range 50 {
		wide += "./b.sh \"$@\" \"$@\"\n"
	}
	for name, m := range map[string]vfs.Map{
		"circle":    {"Procfile": "web: ./a.sh\n", "a.sh": "./b.sh\n./b.sh\n", "b.sh": "./a.sh\n./a.sh\n"},
		"wide":      {"Procfile": "web: ./a.sh a b\n", "a.sh": wide, "b.sh": strings.ReplaceAll(wide, "b.sh", "a.sh")},
		"recursion": {"Procfile": "web: ./a.sh\n", "a.sh": "f() { g; g; }\ng() { f; f; }\nf\n"},
		"sh -c":     {"Procfile": "web: " + strings.Repeat("sh -c '", 50) + "\n"},
		"nested":    {"Procfile": "web: " + strings.Repeat("exec env A=1 ", 5000) + "flask run\n"},
		"env":       {".env": strings.Repeat("A=$A$A\n", 20_000), "Procfile": "web: flask run -h $A\n"},
		"exports":   {"run.sh": strings.Repeat("export A=$A$A\nflask run\n", 2000)},
		"stages":    {"Dockerfile": strings.Repeat("FROM a AS b\nENV A=1\n", 2000) + "CMD flask run\n"},
		"bases":     {"Dockerfile": "FROM a AS s0\nENV A=1\n" + chain(2000) + "CMD flask run\n"},
		"odd":       {"Procfile": "web: flask\nx: python\ny: gunicorn\nz: uwsgi\na: env\nb: sh -c\nc: timeout\nd: poetry run\ne: exec\nf: python -m\ng: uwsgi --ini ../../etc/passwd\nh: ../../x.sh\ni: ''\n"},
	} {
		t.Logf("%s: %d entries", name, len(fold(t, m).Entries)) // a hang runs into the time limit of the tests
	}
}

func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "FROM s%d AS s%d\nENV A=1\n", i, i+1)
	}
	return b.String()
}

// STOPPER_TREE names a checkout whose entries are printed.
func TestPrintTree(t *testing.T) {
	dir := os.Getenv("STOPPER_TREE")
	if dir == "" {
		t.Skip("STOPPER_TREE is not set")
	}
	disk, opts, err := workspace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	ws, err := workspace.Load(disk, opts)
	if err != nil {
		t.Fatal(err)
	}
	d := Fold(ws)
	for _, e := range d.Entries {
		t.Log(describe(e), "|", e.Snippet)
	}
	t.Log(d.TLS, d.Skipped, len(d.Env))
}

// Every container may name every object: what that costs is bounded.
func TestManyReferencesAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n")
	for i := range 3000 {
		fmt.Fprintf(&b, "  K%d: v\n", i)
	}
	b.WriteString("---\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n")
	for range 900 {
		b.WriteString("  - {name: c, image: x, envFrom: [{configMapRef: {name: m}}, {configMapRef: {name: m}}]}\n")
	}
	m := vfs.Map{}
	for i := range 5 {
		m[fmt.Sprintf("k8s/%d.yaml", i)] = b.String()
	}
	if d := fold(t, m); len(d.Env) > maxReferred {
		t.Error(len(d.Env))
	}
}
