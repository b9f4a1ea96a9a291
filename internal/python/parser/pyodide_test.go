package parser

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
)

// TestSnippetsInNewerPython confirms the tables of accepted and rejected snippets with a CPython that is not
// installed. STOPPER_PYODIDE names the main module of the npm package pyodide, version 315.x for all of the tables.
func TestSnippetsInNewerPython(t *testing.T) {
	module := os.Getenv("STOPPER_PYODIDE")
	if module == "" {
		t.Skip("STOPPER_PYODIDE is not set")
	}
	var all [][]byte
	for _, s := range accepted {
		all = append(all, []byte(s))
	}
	for _, s := range rejected {
		all = append(all, []byte(s))
	}
	in, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "testdata/pyodide.mjs", module)
	cmd.Stdin = bytes.NewReader(in)
	cmd.Stderr = os.Stderr
	raw, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []any
	if err := json.Unmarshal(raw, &answers); err != nil || len(answers) != len(all) {
		t.Fatalf("%d answers: %v", len(answers), err)
	}
	for i, a := range answers {
		want := i < len(accepted)
		if got := a == true; got != want {
			t.Errorf("%q: accepted is %v here, CPython says %v", all[i], want, a)
		}
	}
}
