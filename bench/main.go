// Command bench measures stopper on code outside this repository, and writes the score board.
//
//	go run ./bench -corpus DIR [-routes DIR] [-owasp DIR] [-real FILE -mirrors DIR] [-peers] [-out FILE] [-against FILE]
//
// In: a folder of checkouts, and optionally the answers: runtime URL maps, the OWASP BenchmarkPython checkout, a list of
// real vulnerabilities with bare git mirrors of their repositories. Out: a table on standard output, and the same as JSON.
// With -against, a score below the one in that file is an error. Nothing of the corpus is ever stored here.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// board is the score board. Sections that were not asked for are absent.
type board struct {
	Speed  []speedRow         `json:"speed,omitempty"`
	Noise  []noiseRow         `json:"noise,omitempty"`
	Routes []routesRow        `json:"routes,omitempty"`
	OWASP  *owaspBoard        `json:"owasp,omitempty"`
	Real   *realBoard         `json:"real,omitempty"`
	Peers  map[string]peerRow `json:"peers,omitempty"`
}

type options struct {
	corpus, routes, owasp, real, mirrors string
	out, against, only                   string
	peers                                bool
	runs                                 int
}

func main() {
	var o options
	flag.StringVar(&o.corpus, "corpus", "", "folder of checkouts for speed and noise")
	flag.StringVar(&o.routes, "routes", "", "folder of runtime URL maps, APP.json for the checkout APP of the corpus")
	flag.StringVar(&o.owasp, "owasp", "", "checkout of OWASP BenchmarkPython")
	flag.StringVar(&o.real, "real", "", "JSON list of real vulnerabilities")
	flag.StringVar(&o.mirrors, "mirrors", "", "folder of bare repositories OWNER+NAME, for -real")
	flag.StringVar(&o.only, "only", "", "with -real: only entries whose repository or family contains this")
	flag.StringVar(&o.out, "out", "", "write the score board to this file")
	flag.StringVar(&o.against, "against", "", "fail when a score is lower than in this file")
	flag.BoolVar(&o.peers, "peers", false, "also time Ruff and Bandit where they are installed")
	flag.IntVar(&o.runs, "runs", 3, "how often to repeat what is timed; the fastest counts")
	flag.Parse()
	if err := run(&o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(o *options) error {
	dir, err := os.MkdirTemp("", "stopper-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	t := &tool{bin: filepath.Join(dir, "stopper"), scratch: dir}
	build := exec.Command("go", "build", "-trimpath", "-o", t.bin, "./cmd/stopper")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	b, err := measure(t, o)
	if err != nil {
		return err
	}
	b.print(os.Stdout)
	if o.out != "" {
		if err := writeBoard(o.out, b); err != nil {
			return err
		}
	}
	if o.against != "" {
		return b.notBelow(o.against)
	}
	return nil
}

func measure(t *tool, o *options) (*board, error) {
	b := &board{}
	if o.corpus != "" {
		if err := b.measureCorpus(t, o); err != nil {
			return nil, err
		}
	}
	if o.owasp != "" {
		s, err := scoreOWASP(t, o.owasp)
		if err != nil {
			return nil, err
		}
		b.OWASP = s
	}
	if o.real != "" {
		s, err := scoreReal(t, o)
		if err != nil {
			return nil, err
		}
		b.Real = s
	}
	return b, nil
}

func (b *board) measureCorpus(t *tool, o *options) error {
	apps, err := checkouts(o.corpus)
	if err != nil {
		return err
	}
	for _, app := range apps {
		dir := filepath.Join(o.corpus, app)
		speed, audit, err := t.time(dir, o.runs)
		if err != nil {
			return fmt.Errorf("%s: %w", app, err)
		}
		speed.App = app
		b.Speed = append(b.Speed, speed)
		b.Noise = append(b.Noise, noiseOf(app, audit))
		if o.peers {
			b.timePeers(app, dir, o.runs)
		}
		if o.routes == "" {
			continue
		}
		if row, err := scoreRoutes(t, dir, filepath.Join(o.routes, app+".json")); err == nil {
			b.Routes = append(b.Routes, row)
		} else if !os.IsNotExist(err) {
			return fmt.Errorf("%s: %w", app, err)
		}
	}
	return nil
}

// checkouts lists the folders of the corpus.
func checkouts(dir string) ([]string, error) {
	es, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range es {
		if e.IsDir() && e.Name()[0] != '.' {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, nil
}

func writeBoard(path string, b *board) error {
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return nil
}
