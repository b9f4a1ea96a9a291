package k8s

import (
	"fmt"
	"testing"
)

func TestParse(t *testing.T) {
	f, problems := Parse("d.yaml", []byte(`apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: app
          image: x:1
          command: ["flask"]
          args:
            - run
            - --debug
          env:
            - name: FLASK_DEBUG
              value: "1"
            - name: S
              valueFrom: {secretKeyRef: {name: a}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
spec:
  tls:
    - hosts: [a]
`))
	if len(problems) != 0 || len(f.Containers) != 1 || len(f.TLS) != 1 {
		t.Fatal(problems, f)
	}
	c := f.Containers[0]
	if c.Workload != "Deployment/web" || fmt.Sprint(c.Command.Argv, c.Args.Argv, c.Env) != "[flask] [run --debug] [{FLASK_DEBUG 1 15 false} {S  17 true}]" || c.Command.Line != 10 {
		t.Errorf("%+v", c)
	}
}

func TestNoManifest(t *testing.T) {
	for _, text := range []string{"", "a: b", "apiVersion: 1", "kind: x\napiVersion: [", "apiVersion: v1\nkind: Pod\nspec: []\n", "apiVersion: {{ .x }}\nkind: Pod\nspec: {{ y }}"} {
		if f, _ := Parse("x", []byte(text)); len(f.Containers) != 0 {
			t.Error(text, f)
		}
	}
}
