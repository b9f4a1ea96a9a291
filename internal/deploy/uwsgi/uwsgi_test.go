package uwsgi

import (
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a.ini": {"[app]\nx = 1\n[uwsgi]\n; no\nname = shop\nmodule = %(name).wsgi:app\nset-ph = port=80\nhttp_socket = :%(port)\nmaster\nenv = MODE=fast=1\nbase = %(unknown)%(x\n",
			"name=shop@5 module=shop.wsgi:app@6 set-ph=port=80@7 http-socket=:80@8 master=@9 env=MODE=fast=1@10 base=%(unknown)%(x@11"},
		"a.yaml": {"uwsgi:\n  module: shop:app\n  env:\n    - A=1\n    - B=2\nother: {x: 1}\n", "module=shop:app@2 env=A=1@4 env=B=2@5"},
		"a.json": {`{"uwsgi": {"module": "shop:app", "master": true}}`, "module=shop:app@1 master=true@1"},
		"a.xml":  {"<a>\n<uwsgi id='x'>\n<module>shop:app</module>\n<master/><env>A=1<b>no</b></env></uwsgi><module>no</module></a>", "module=shop:app@3 master=@4 env=A=1@4"},
		"b.ini":  {"[supervisord]\nx = 1\n", ""},
		"b.xml":  {"<a", "!"},
		"b.yaml": {"a: [", "!"},
		"c.yaml": {"uwsgi: 5", ""},
		"c.xml":  {strings.Repeat("<a>", 100_000), "!"},
		"c.ini":  {"[uwsgi]\na = " + strings.Repeat("%(a)", 5_000), "long"},
	} {
		f, problems := Parse(name, []byte(c.text))
		var got []string
		if len(problems) > 0 {
			got = append(got, "!")
		}
		if f != nil {
			for _, o := range f.Options {
				if len(o.Value) > 2*maxValue+20_000 {
					t.Errorf("%s: %d bytes", name, len(o.Value))
				}
				got = append(got, fmt.Sprintf("%s=%s@%d", o.Name, o.Value, o.Line))
			}
		}
		if s := strings.Join(got, " "); s != c.want && c.want != "long" {
			t.Errorf("%s: %s", name, s)
		}
	}
}

func TestEnv(t *testing.T) {
	f, _ := Parse("a.ini", []byte("[uwsgi]\nenv = FLASK_DEBUG=1\nenv = odd\nmodule = a:b\nmodule = c:d\n"))
	if e := f.Env(); len(e) != 1 || e[0].Name != "FLASK_DEBUG" || e[0].Value != "1" || e[0].Line != 2 || f.Get("wsgi", "module") != "c:d" {
		t.Errorf("%+v", e)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a.ini", "[uwsgi]\nset-ph = a=b\nmodule = %(a)\n")
	f.Add("a.xml", "<uwsgi><module>a</module></uwsgi>")
	f.Add("a.yml", "uwsgi: {module: [a]}")
	f.Fuzz(func(_ *testing.T, name, text string) {
		if file, _ := Parse(name, []byte(text)); file != nil {
			file.Env()
		}
	})
}
