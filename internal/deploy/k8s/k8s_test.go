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

func TestObjects(t *testing.T) {
	f, problems := Parse("x.yaml", []byte(`apiVersion: v1
kind: Secret
metadata: {name: keys}
data: {A: c2hvcA==, B: "not base64", C: null}
stringData: {D: "ENC[x]"}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  securityContext: {runAsUser: 0, runAsNonRoot: true}
  volumes: [{name: v, hostPath: {path: /srv}}, {name: w, hostPath: {path: /etc}}]
  containers:
    - name: web
      securityContext: {privileged: true, runAsUser: 7}
      volumeMounts: [{name: w, mountPath: /x}]
      envFrom: [{prefix: P_, secretRef: {name: keys}}]
      env: [{name: E, valueFrom: {configMapKeyRef: {name: m, key: k}}}]
`))
	if len(problems) > 0 || len(f.Data) != 1 || len(f.Containers) != 1 {
		t.Fatal(problems, f)
	}
	if v := f.Data[0].Vars; len(v) != 4 || v[0].Value != "shop" || v[1].Value != "not base64" || !v[3].NoValue || v[3].Value != "" {
		t.Errorf("%+v", v)
	}
	c := f.Containers[0]
	if len(c.Refs) != 2 || c.Refs[0] != (Ref{"Secret", "keys", "", "P_", 17}) || c.Refs[1] != (Ref{"ConfigMap", "m", "k", "E", 18}) {
		t.Errorf("%+v", c.Refs)
	}
	if r := c.Rights; r.Privileged.Text != "true" || r.User.Text != "7" || !r.NonRoot || len(r.HostPaths) != 1 || r.HostPaths[0].Text != "/etc" {
		t.Errorf("%+v", r)
	}
	Parse("x.yaml", []byte("apiVersion: 1\nkind: Secret\ndata: [1]\nmetadata: 5\n---\napiVersion: 1\nkind: Pod\nspec: {containers: [{env: 5, envFrom: [1, {secretRef: x}], securityContext: []}], volumes: {a: b}}"))
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("apiVersion: v1\nkind: Secret\ndata: {a: YQ==}\n---\napiVersion: v1\nkind: Pod\nspec: {containers: [{envFrom: [{secretRef: {name: a}}], securityContext: {privileged: true}}]}"))
	f.Fuzz(func(_ *testing.T, text []byte) { Parse("x", text) })
}
