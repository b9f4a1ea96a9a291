package shell

import (
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	s, problems := Parse("run.sh", []byte(`#!/bin/sh
set -e
export FLASK_DEBUG=1 EMPTY
PORT=${PORT:-5000}
: "${HOST:=0.0.0.0}"
if [ "$X" = dev ]; then
  FLASK_ENV=development flask run --host "$HOST" -p ${PORT}
else
  exec gunicorn 'app:app' --bind "0.0.0.0:$PORT" $(opts) \
    -w 4
fi
main() { python app.py; }
migrate && start || fail &
`))
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	var got []string
	for _, c := range s.Commands {
		got = append(got, fmt.Sprintf("%d %q %v %v %v %v %s", c.Line, c.Argv, c.Env, c.Exec, c.Conditional, c.Background, c.Func))
	}
	want := `2 ["set" "-e"] [] false false false 
3 [] [{FLASK_DEBUG 1 3 false} {EMPTY  3 true}] false false false 
4 [] [{PORT ${PORT:-5000} 4 false}] false false false 
5 [":" "${HOST:=0.0.0.0}"] [] false false false 
6 ["[" "$X" "=" "dev" "]"] [] false true false 
7 ["flask" "run" "--host" "$HOST" "-p" "${PORT}"] [{FLASK_ENV development 7 false}] false true false 
9 ["gunicorn" "app:app" "--bind" "0.0.0.0:$PORT" "$(opts)" "-w" "4"] [] true true false 
12 ["python" "app.py"] [] false true false main
13 ["migrate"] [] false false true 
13 ["start"] [] false false true 
13 ["fail"] [] false true true `
	if g := strings.Join(got, "\n"); g != want {
		t.Errorf("\n%s", g)
	}
	if g := fmt.Sprint(s.Vars); g != "[{FLASK_DEBUG 1 3 false} {EMPTY  3 true} {PORT ${PORT:-5000} 4 false} {HOST 0.0.0.0 5 false}]" {
		t.Error(g)
	}
}

func TestChoicesAndConditions(t *testing.T) {
	s, _ := Parse("x", []byte("case \"$1\" in\n web|server) a ;;\n *) b ;;\nesac\nif [ x = y ]; then c; elif z; then d; else e; fi\n"))
	var got []string
	for _, c := range s.Commands {
		text := c.Argv[0] + " " + c.When
		if c.Otherwise {
			text += " (else)"
		}
		if c.Choice != nil {
			text += fmt.Sprint(c.Choice.Subject, c.Choice.Arms, c.Choice.Arm)
		}
		got = append(got, text)
	}
	if g := strings.Join(got, "; "); g != "a $1[[web server] [*]] 0; b $1[[web server] [*]] 1; [ ; c [ x = y ]; z [ x = y ]; d z; e z (else)" {
		t.Error(g)
	}
}

func TestKeepsWhatStandsBeforeAnError(t *testing.T) {
	s, problems := Parse("x", []byte("flask run\nif then fi (\n"))
	if len(s.Commands) == 0 || len(problems) != 1 || problems[0].Line != 2 {
		t.Error(s, problems)
	}
}

func TestHostile(t *testing.T) {
	n := 60_000
	for name, text := range map[string]string{
		"parens": strings.Repeat("(", n), "subst": strings.Repeat("$(", n), "braces": strings.Repeat("{ ", n), "if": strings.Repeat("if ", n), "bang": strings.Repeat("! ", n),
		"ticks": strings.Repeat("`", n), "nul": "a\x00b", "param": strings.Repeat("${a:-", n), "quotes": strings.Repeat("\"$(", n), "long": strings.Repeat("a ", n), "pipes": strings.Repeat("a|", n),
		"and": strings.Repeat("a&&", n), "arith": "$((" + strings.Repeat("-", n), "arith2": "$((" + strings.Repeat("1+", n), "time": strings.Repeat("time ", n), "heredoc": strings.Repeat("<<A ", n), "test": "[[ " + strings.Repeat("! ", n),
		"brackets": "a" + strings.Repeat("[", n), "array": "a=" + strings.Repeat("b[", n), "ternary": "((" + strings.Repeat("a?", n), "coproc": strings.Repeat("coproc ", n), "functions": strings.Repeat("f()", 1000),
		"else": "if a; then b; " + strings.Repeat("elif a; then b; ", 5000) + "fi", "cmds": strings.Repeat("a\n", n), "redir": "a " + strings.Repeat("<(", n), "and-test": "[[ " + strings.Repeat("a && ", n), "extglob": strings.Repeat("@(", n),
		"do": strings.Repeat("while do ", n/3),
	} {
		t.Logf("%s", name) // the last one named is the one that hangs
		Parse("x", []byte(text))
	}
}

func FuzzParse(f *testing.F) {
	f.Add("export A=1\nif x; then exec y \"$@\"; fi\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, _ := Parse("x", []byte(text))
		for _, c := range s.Commands {
			if len(c.Argv)+len(c.Env) == 0 || c.Line < 1 {
				t.Errorf("%+v", c)
			}
		}
	})
}
