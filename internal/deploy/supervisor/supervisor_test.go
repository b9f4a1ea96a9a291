package supervisor

import (
	"fmt"
	"testing"
)

func TestParse(t *testing.T) {
	f, _ := Parse("supervisord.conf", []byte("[supervisord]\nuser=root\n\n[program:web]\ncommand=flask run ; dev\n  --debug\nenvironment=A=\"1,2\",B='x', C=3\nuser = www\n[program:w]\ncommand=celery -A x\n"))
	if len(f.Programs) != 2 {
		t.Fatal(f.Programs)
	}
	p := f.Programs[0]
	if p.Command.Shell != "flask run --debug" || p.Command.Line != 5 || p.User.Text != "www" || p.Line != 4 || fmt.Sprint(p.Env) != "[{A 1,2 7 false} {B x 7 false} {C 3 7 false}]" {
		t.Errorf("%+v", p)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("[program:a]\ncommand=x\n y\nenvironment=A=\"b\",C=d\n")
	f.Fuzz(func(t *testing.T, text string) { Parse("s.conf", []byte(text)) })
}
