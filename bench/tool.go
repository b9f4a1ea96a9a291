package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// tool runs the binary that is measured.
type tool struct{ bin, scratch string }

// audit is what the harness reads of `audit --format json`.
type audit struct {
	Findings []found `json:"findings"`
	Coverage struct {
		PythonLines int `json:"pythonLines"`
	} `json:"coverage"`
}

type found struct {
	RuleID    string       `json:"ruleId"`
	ID        string       `json:"id"`
	Severity  string       `json:"severity"`
	CWE       int          `json:"cwe"`
	Location  location     `json:"location"`
	Flow      []location   `json:"flow"`
	MoreFlows [][]location `json:"moreFlows"`
}

type location struct {
	Path     string `json:"path"`
	Line     int    `json:"line"`
	EndLine  int    `json:"endLine"`
	Function string `json:"function"`
}

// usage is what one run of a program took.
type usage struct {
	Seconds float64 `json:"seconds"`
	MB      float64 `json:"mb"`
}

// measured runs a command and says what it took. Exit code 1 is how scanners say that they found something.
func measured(name string, args ...string) (usage, error) {
	cmd := exec.Command(name, args...)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start)
	if cmd.ProcessState == nil {
		return usage{}, err
	}
	if cmd.ProcessState.ExitCode() > 1 {
		return usage{}, fmt.Errorf("%s: %w: %.300s", filepath.Base(name), err, out)
	}
	u := usage{Seconds: took.Seconds()}
	if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.MB = float64(ru.Maxrss) / 1024
	}
	return u, nil
}

// audit runs one whole audit.
func (t *tool) audit(dir string) (usage, *audit, error) {
	file := filepath.Join(t.scratch, "audit.json")
	u, err := measured(t.bin, "audit", dir, "--format", "json", "--output", file, "--fail-on", "none")
	if err != nil {
		return u, nil, err
	}
	var a audit
	if err := readJSON(file, &a); err != nil {
		return u, nil, err
	}
	return u, &a, os.Remove(file)
}

// time audits a checkout some times. The fastest run counts: others were disturbed.
func (t *tool) time(dir string, runs int) (speedRow, *audit, error) {
	var row speedRow
	var last *audit
	for i := range max(runs, 1) {
		u, a, err := t.audit(dir)
		if err != nil {
			return row, nil, err
		}
		last = a
		if i == 0 || u.Seconds < row.Seconds {
			row.usage = u
		}
	}
	row.Lines = last.Coverage.PythonLines
	row.LinesPerSecond = int(float64(row.Lines) / row.Seconds)
	return row, last, nil
}
