package compose

import (
	"fmt"
	"testing"
)

const sample = `x-env: &env
  LOG: info
services:
  web:
    build: {context: ., dockerfile: docker/Dockerfile, target: prod}
    command: flask run --debug
    environment:
      <<: *env
      FLASK_DEBUG: 1
      SECRET_KEY: ${SECRET_KEY:-changeme}
      FROM_HOST:
    env_file:
      - .env
      - path: .env.prod
    ports:
      - "5000:5000"
      - target: 80
        published: 8080
  db:
    image: postgres:16
    entrypoint: ["sh", "-c", "x"]
    environment:
      - A=b=c
      - PASSED
`

func TestParse(t *testing.T) {
	f, problems := Parse("compose.yaml", []byte(sample))
	if len(problems) != 0 || len(f.Services) != 2 {
		t.Fatal(problems, f)
	}
	w, d := f.Services[0], f.Services[1]
	if w.Name != "web" || w.Line != 4 || w.Build.Target != "prod" || w.Command.Shell != "flask run --debug" || w.Command.Line != 6 {
		t.Errorf("%+v", w)
	}
	if got := fmt.Sprint(w.Env); got != "[{FLASK_DEBUG 1 9 false} {SECRET_KEY ${SECRET_KEY:-changeme} 10 false} {FROM_HOST  11 true} {LOG info 2 false}]" {
		t.Error(got)
	}
	if got := fmt.Sprint(w.EnvFiles, w.Ports); got != "[{.env 13} {.env.prod 14}] [{5000:5000 16} {8080:80 17}]" {
		t.Error(got)
	}
	if got := fmt.Sprint(d.Entrypoint.Argv, d.Env); got != "[sh -c x] [{A b=c 23 false} {PASSED  24 true}]" {
		t.Error(got)
	}
}

func TestOddities(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "[]": 0, "services: []": 0, "services:\n  a:\n  b: 3\n": 0, "web:\n  image: x\n": 1, "services:\n  a: {build: }\n": 1, "services: {a: {ports: 3, command: {}, env_file: {}}}": 1, "a: [": 0,
		"services: {a: {ports: [[]], volumes: [null], env_file: [null, []]}}": 1,
	} {
		if f, _ := Parse("c", []byte(text)); len(f.Services) != want {
			t.Errorf("%q: %+v", text, f.Services)
		}
	}
}
