// Command newrule writes the first version of a rule: a folder with a page, a judgement and two fixtures, all of which
// compile and pass. What the author has to say is marked WRITE, and a test refuses a rule that still has such a mark.
//
//	go run ./internal/rules/newrule -kind shell -cwe 78 -import subprocess \
//	    -sink 'subprocess.run(value, shell=True)' FLASK-DEMO-001 command "A request writes a command"
//
// In: the id, a check's slug and title, the sink kind it consumes, and one line of Python that is such a sink for a variable
// called value. Out: internal/rules/demo001, and the rule's place in internal/rules/all.
package main

import (
	"bytes"
	_ "embed"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"stopper/internal/models"
)

//go:embed rule.md.template
var pageTemplate string

type request struct {
	id, slug, title string
	kind            string
	cwe             int
	imports, sink   string
	since           string
}

func main() {
	var r request
	flag.StringVar(&r.kind, "kind", "", "the sink `kind`, as data files under models/ write it")
	flag.IntVar(&r.cwe, "cwe", 0, "the check's one CWE `number`")
	flag.StringVar(&r.imports, "import", "", "the Python `module` that the sink needs")
	flag.StringVar(&r.sink, "sink", "", "a `line` of Python that uses the variable value as such a sink")
	flag.StringVar(&r.since, "since", "0.1.0", "the `version` that brings the rule")
	flag.Parse()
	if flag.NArg() != 3 {
		fmt.Fprintln(os.Stderr, "usage: newrule -kind KIND -cwe N -import MODULE -sink LINE ID SLUG TITLE")
		flag.PrintDefaults()
		os.Exit(2)
	}
	r.id, r.slug, r.title = flag.Arg(0), flag.Arg(1), flag.Arg(2)
	if err := create("internal/rules", r); err != nil {
		fmt.Fprintln(os.Stderr, "newrule:", err)
		os.Exit(1)
	}
}

func create(dir string, r request) error {
	files, err := scaffold(r, "internal/models/kind.go")
	if err != nil {
		return err
	}
	dir = filepath.Join(dir, folder(r.id))
	if _, err := os.Stat(dir); err == nil {
		return fmt.Errorf("%s is there already", dir)
	}
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
	}
	generate := exec.Command("go", "generate", "./internal/rules/all")
	generate.Stdout, generate.Stderr = os.Stdout, os.Stderr
	if err := generate.Run(); err != nil {
		return fmt.Errorf("go generate: %w", err)
	}
	fmt.Printf("%s: write the texts marked WRITE in rule.md, narrow the judgement in rule.go, add look-alikes to testdata,\nthen run go test ./internal/rules/... ./internal/ruletest\n", dir)
	return nil
}

// folder is FLASK-DEMO-001 as a package name.
func folder(id string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(id, "FLASK-"), "-", ""))
}

var (
	idPattern   = regexp.MustCompile(`^FLASK-[A-Z0-9]+-[0-9]{3}$`)
	slugPattern = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
)

// scaffold makes the files of a rule by name below its folder.
func scaffold(r request, kindFile string) (map[string][]byte, error) {
	kind, ok := models.ParseSinkKind(r.kind)
	switch {
	case !idPattern.MatchString(r.id):
		return nil, fmt.Errorf("id %q must look like FLASK-DEMO-001", r.id)
	case !slugPattern.MatchString(r.slug):
		return nil, fmt.Errorf("slug %q must be lower-case words joined by -", r.slug)
	case !ok:
		return nil, fmt.Errorf("there is no sink kind %q; internal/models/kind.go lists them", r.kind)
	case r.cwe <= 0:
		return nil, fmt.Errorf("-cwe is missing: each check has exactly one")
	case !strings.Contains(r.sink, "value") || strings.Contains(r.sink, "\n"):
		return nil, fmt.Errorf("-sink must be one line that uses the variable value")
	}
	constant, err := constantOf(kind, kindFile)
	if err != nil {
		return nil, err
	}
	code, err := format.Source(fmt.Appendf(nil, judgement, folder(r.id), r.id, constant, r.slug))
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"rule.md":                             []byte(r.page()),
		"rule.go":                             code,
		"testdata/bad_" + r.name() + ".txtar": []byte("The value comes straight from the request.\n-- app.py --\n" + r.program(true)),
		"testdata/ok_constant_value.txtar":    []byte("The value is the program's own.\n-- app.py --\n" + r.program(false)),
	}, nil
}

func (r request) name() string { return strings.ReplaceAll(r.slug, "-", "_") }

// constantOf is the name that a kind has in Go.
func constantOf(kind models.SinkKind, file string) (string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		return "", err
	}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST || len(g.Specs) <= int(kind) {
			continue
		}
		if first := g.Specs[0].(*ast.ValueSpec); first.Names[0].Name == "NoKind" {
			return g.Specs[kind].(*ast.ValueSpec).Names[0].Name, nil
		}
	}
	return "", fmt.Errorf("%s does not list the kinds any more", file)
}

const judgement = `// Package %[1]s judges WRITE: what the rule looks at, in half a sentence.
package %[1]s

import (
	_ "embed"

	"stopper/internal/models"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is %[2]s.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every place that words from outside reach. WRITE: what makes it a flaw, and what does not.
func (Rule) Run(p *rule.Pass) {
	p.ReportHits(models.%[3]s, %[4]q, " reaches a place where it does harm")
}
`

func (r request) program(flawed bool) string {
	var b bytes.Buffer
	if r.imports != "" {
		fmt.Fprintf(&b, "import %s\n", r.imports)
	}
	value, want := `"constant"`, ""
	if flawed {
		value, want = `request.args["value"]`, fmt.Sprintf("  # want %q", r.id+"/"+r.slug)
	}
	fmt.Fprintf(&b, "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.get(\"/\")\ndef view():\n    value = %s\n    %s%s\n    return \"done\"\n", value, r.sink, want)
	return b.String()
}

func (r request) page() string {
	return strings.NewReplacer("{{ID}}", r.id, "{{SLUG}}", r.slug, "{{TITLE}}", r.title, "{{CWE}}", fmt.Sprint(r.cwe), "{{KIND}}", r.kind,
		"{{SINCE}}", r.since, "{{BAD}}", r.program(true), "{{GOOD}}", r.program(false)).Replace(pageTemplate)
}
