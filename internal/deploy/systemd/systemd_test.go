package systemd

import (
	"fmt"
	"testing"
)

func TestParse(t *testing.T) {
	u, problems := Parse("app.service", []byte(`[Unit]
Description=x
bad line
[Service]
User=www
Environment="A=x y" B=2
Environment=C=3
EnvironmentFile=-/etc/app.env
ExecStart=-/srv/venv/bin/gunicorn \
  # comment
  --bind 0.0.0.0:80 \
  "app:app"
`))
	if got := fmt.Sprint(u.Env, u.EnvFiles, u.User); got != "[{A x y 6 false} {B 2 6 false} {C 3 7 false}] [{/etc/app.env 8}] {www 5}" {
		t.Error(got)
	}
	if got := fmt.Sprintf("%q", u.ExecStart[0].Argv); got != `["/srv/venv/bin/gunicorn" "--bind" "0.0.0.0:80" "app:app"]` || u.ExecStart[0].Line != 9 || u.ExecStart[0].EndLine != 12 {
		t.Error(got, u.ExecStart)
	}
	if len(problems) != 1 || problems[0].Line != 3 {
		t.Error(problems)
	}
	if s, ok := u.Get("Unit", "Description"); !ok || s.Value != "x" {
		t.Error(s)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("[Service]\nExecStart=a \\\n b\nEnvironment=\"A=b\" 'c=d'\n")
	f.Add("\\\n\\")
	f.Fuzz(func(t *testing.T, text string) {
		u, _ := Parse("x.service", []byte(text))
		for _, s := range u.Settings {
			if s.Line < 1 || s.Section == "" {
				t.Errorf("%+v", s)
			}
		}
	})
}
