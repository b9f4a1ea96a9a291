package jinja_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stopper/internal/jinja"
	"stopper/internal/source"
)

// question is one template for Jinja2.
type question struct {
	Text    string         `json:"text"`
	Options map[string]any `json:"options,omitempty"`
	name    string
}

type answer struct{ Dump, Error, Skip string }

// python is the interpreter of the environment that testdata/oracle/setup.sh installs.
func python(t testing.TB) string {
	t.Helper()
	if out, err := exec.Command("sh", "testdata/oracle/setup.sh").CombinedOutput(); err != nil {
		t.Fatalf("installing Jinja2: %v\n%s", err, out)
	}
	return "testdata/oracle/.venv-oracle/bin/python"
}

func ask(t *testing.T, script string, questions []question) []answer {
	t.Helper()
	var in bytes.Buffer
	for _, q := range questions {
		line, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command(python(t), script)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	var answers []answer
	sc := bufio.NewScanner(bytes.NewReader(out))
	sc.Buffer(nil, 1<<28)
	for sc.Scan() {
		var a answer
		if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions", len(answers), len(questions))
	}
	return answers
}

func options(m map[string]any) jinja.Options {
	str := func(k string) string { s, _ := m[k].(string); return s }
	yes := func(k string) bool { b, _ := m[k].(bool); return b }
	return jinja.Options{
		BlockStart: str("block_start_string"), BlockEnd: str("block_end_string"), VariableStart: str("variable_start_string"),
		VariableEnd: str("variable_end_string"), CommentStart: str("comment_start_string"), CommentEnd: str("comment_end_string"),
		LineStatement: str("line_statement_prefix"), LineComment: str("line_comment_prefix"),
		TrimBlocks: yes("trim_blocks"), LstripBlocks: yes("lstrip_blocks"),
	}
}

// compare demands Jinja's verdict and, for what it accepts, Jinja's tree.
func compare(t *testing.T, questions []question) {
	t.Helper()
	var accepted, rejected int
	bad := 0
	for i, a := range ask(t, "testdata/oracle/parse.py", questions) {
		if a.Skip != "" {
			continue
		}
		q := questions[i]
		tree := jinja.Parse(source.NewFile(q.name, []byte(q.Text)), options(q.Options))
		if err := jinja.CheckSpans(tree); err != nil {
			t.Errorf("%s: %q: %v", q.name, clip(q.Text), err)
		}
		got := jinja.Dump(simplified(tree.Root))
		switch {
		case a.Error != "" && len(tree.Errors) == 0:
			t.Errorf("%s: %q: Jinja refuses it (%s), we do not: %s", q.name, clip(q.Text), a.Error, got)
		case a.Error != "":
			rejected++
			continue
		case len(tree.Errors) > 0:
			t.Errorf("%s: %q: refused by us alone: %s", q.name, clip(q.Text), tree.Errors[0].Msg)
		case got != a.Dump:
			t.Errorf("%s: %q:\n%s", q.name, clip(q.Text), difference(got, a.Dump))
		default:
			accepted++
			continue
		}
		if bad++; bad == 20 {
			t.Fatal("and so on")
		}
	}
	t.Logf("%d templates with equal trees, %d refused by both", accepted, rejected)
}

func clip(s string) string { return s[:min(len(s), 300)] }

func difference(got, want string) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	from := max(0, i-80)
	return fmt.Sprintf("  got  %s\n  want %s", got[from:min(len(got), i+120)], want[from:min(len(want), i+120)])
}

// simplified is a tree without what Jinja's own does not tell: {% print %} is output, and a translation is opaque.
func simplified(n *jinja.Node) *jinja.Node {
	if n == nil {
		return nil
	}
	c := *n
	c.Kids, c.Body, c.Else = nil, nil, nil
	if n.Kind == jinja.Trans {
		c.Text, c.Flag = "", 0
		return &c
	}
	for _, k := range n.Kids {
		c.Kids = append(c.Kids, simplified(k))
	}
	// Jinja keeps starred arguments apart, so that their place among the keywords is lost.
	slices.SortStableFunc(c.Kids, func(a, b *jinja.Node) int { return stars(a) - stars(b) })
	list := func(in []*jinja.Node) (out []*jinja.Node) {
		for _, s := range in {
			if s.Kind != jinja.Print {
				out = append(out, simplified(s))
				continue
			}
			for _, k := range s.Kids {
				out = append(out, &jinja.Node{Kind: jinja.Output, Kids: []*jinja.Node{simplified(k)}})
			}
		}
		return out
	}
	c.Body, c.Else = list(n.Body), list(n.Else)
	if n.Kind == jinja.Template && c.Body == nil {
		c.Body = []*jinja.Node{}
	}
	return &c
}

func stars(n *jinja.Node) int {
	switch {
	case n != nil && n.Kind == jinja.Star:
		return 1
	case n != nil && n.Kind == jinja.StarStar:
		return 2
	}
	return 0
}

// TestOracleCases compares the hand-written cases.
func TestOracleCases(t *testing.T) {
	var qs []question
	for _, c := range cases {
		for line := range strings.SplitSeq(c.texts, "\n---\n") {
			qs = append(qs, question{Text: line, Options: c.options, name: c.name})
		}
	}
	compare(t, qs)
}

// TestOracleGenerated compares texts put together from the pieces of templates: most are nearly right.
func TestOracleGenerated(t *testing.T) {
	r := rand.New(rand.NewSource(20))
	var qs []question
	for i := range 6000 {
		opts := variants[i%len(variants)]
		g := generator{r: r, opt: opts}
		qs = append(qs, question{Text: g.template(), Options: opts, name: fmt.Sprintf("generated %d", i)})
	}
	compare(t, qs)
}

// TestOracleCorpus compares every template below the folder that STOPPER_CORPUS names: checkouts of real applications.
func TestOracleCorpus(t *testing.T) {
	root := os.Getenv("STOPPER_CORPUS")
	if root == "" {
		t.Skip("STOPPER_CORPUS names no folder")
	}
	var qs []question
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !isTemplate(path) {
			return err
		}
		text, err := os.ReadFile(path)
		qs = append(qs, question{Text: string(text), name: path})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, qs)
}

func isTemplate(path string) bool {
	switch filepath.Ext(path) {
	case ".html", ".htm", ".jinja", ".jinja2", ".j2", ".txt", ".xml":
		return strings.Contains(path, "templates") || strings.Contains(filepath.Ext(path), "j")
	}
	return false
}
