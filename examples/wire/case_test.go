package wire_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// pair is one archive of cases/: two states of a small application, what is done to both, and what each must answer. An archive
// with "fact" in place of "check" has the good one alone: what Flask, a library or a server does, on which rules rely.
type pair struct {
	name   string
	check  string   // the check that the bad application violates; empty for a fact
	sides  []string // bad and good, or good alone
	also   []string // what else the audit says of the bad application, by way of the flaw
	claim  string
	serve  map[string][]string // by side, the command that starts the application; {port} is its port
	env    []string
	steps  []step
	shared []txtar.File            // files beside both applications, which belong to neither: attacks, preparations
	files  map[string][]txtar.File // by side: bad, good
}

// step is a request, the run of a script of the archive, or a look into a file of the application.
type step struct {
	kind    string // request, run, run-old, read
	args    []string
	lines   []string // of a request
	expects []expect
}

type expect struct {
	side string // bad, good
	what string // status, has, lacks, like, keep
	text string
	name string // of keep
}

var bothSides = []string{"bad", "good"}

func readPairs(t *testing.T) []*pair {
	t.Helper()
	names, err := filepath.Glob("cases/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var pairs []*pair
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := parsePair(strings.TrimSuffix(filepath.Base(name), ".txtar"), text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		pairs = append(pairs, p)
	}
	return pairs
}

func parsePair(name string, text []byte) (*pair, error) {
	ar := txtar.Parse(text)
	gunicorn := strings.Fields("gunicorn --bind 127.0.0.1:{port} app:app")
	p := &pair{
		name: name, sides: bothSides, files: map[string][]txtar.File{},
		serve: map[string][]string{"bad": gunicorn, "good": gunicorn},
	}
	for number, line := range strings.Split(string(ar.Comment), "\n") {
		if err := p.readLine(strings.TrimRight(line, " ")); err != nil {
			return nil, fmt.Errorf("line %d: %w", number+1, err)
		}
	}
	for _, f := range ar.Files {
		p.addFile(f)
	}
	return p, p.complete()
}

// addFile puts bad/x and good/x into one of the applications, both/x into both, and everything else beside them.
func (p *pair) addFile(f txtar.File) {
	folder, rest, _ := strings.Cut(f.Name, "/")
	switch {
	case rest != "" && folder == "both":
		for _, side := range bothSides {
			p.files[side] = append(p.files[side], txtar.File{Name: rest, Data: f.Data})
		}
	case rest != "" && slices.Contains(bothSides, folder):
		p.files[folder] = append(p.files[folder], txtar.File{Name: rest, Data: f.Data})
	default:
		p.shared = append(p.shared, f)
	}
}

var idPattern = regexp.MustCompile(`^FLASK-[A-Z]+-\d{3}/[a-z-]+$`)

func (p *pair) readLine(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "":
		return nil
	case "#":
		p.claim = strings.TrimSpace(p.claim + " " + rest)
	case "check":
		p.check = rest
	case "fact":
		p.sides = []string{"good"}
	case "also":
		p.also = append(p.also, rest)
	case "serve":
		command := strings.Fields(rest)
		if len(command) > 0 && slices.Contains(bothSides, command[0]) {
			p.serve[command[0]] = command[1:]
			return nil
		}
		p.serve["bad"], p.serve["good"] = command, command
	case "env":
		p.env = append(p.env, rest)
	case "request", "run", "run-old", "read":
		p.steps = append(p.steps, step{kind: word, args: strings.Fields(rest)})
	case ">", "bad", "good", "both":
		if len(p.steps) == 0 {
			return fmt.Errorf("%q stands before the first step", line)
		}
		return p.steps[len(p.steps)-1].readLine(word, rest)
	default:
		return fmt.Errorf("unknown word %q", word)
	}
	return nil
}

func (s *step) readLine(word, rest string) error {
	if word == ">" {
		s.lines = append(s.lines, rest)
		return nil
	}
	what, text, _ := strings.Cut(rest, " ")
	e := expect{side: word, what: what, text: text}
	if what == "keep" {
		e.name, e.text, _ = strings.Cut(text, " ")
	}
	if what == "keep" || what == "like" {
		if _, err := regexp.Compile(e.text); err != nil {
			return err
		}
	}
	if !slices.Contains([]string{"status", "has", "lacks", "like", "keep"}, what) || e.text == "" {
		return fmt.Errorf("no expectation: %q", rest)
	}
	for _, side := range bothSides {
		if word == side || word == "both" {
			e.side = side
			s.expects = append(s.expects, e)
		}
	}
	return nil
}

// complete says what a pair lacks to prove anything.
func (p *pair) complete() error {
	if len(p.sides) == 2 && !idPattern.MatchString(p.check) {
		return fmt.Errorf("no check: %q", p.check)
	}
	if p.claim == "" {
		return fmt.Errorf("no claim")
	}
	for _, side := range p.sides {
		if len(p.files[side]) == 0 {
			return fmt.Errorf("no files of the %s application", side)
		}
		if !slices.ContainsFunc(p.steps, func(s step) bool {
			return slices.ContainsFunc(s.expects, func(e expect) bool { return e.side == side && e.what != "keep" })
		}) {
			return fmt.Errorf("nothing is expected of the %s application", side)
		}
	}
	return nil
}
