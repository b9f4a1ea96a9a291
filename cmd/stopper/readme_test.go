package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"stopper/internal/cli"
)

// The README shows what the program really prints. "…" stands for lines that are left out.
func TestReadmeShowsRealOutput(t *testing.T) {
	t.Chdir("../..")
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```text\n\\$ stopper ([^\n]+)\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) == 0 {
		t.Fatal("the README shows no output")
	}
	for _, b := range blocks {
		env := environment()
		var out bytes.Buffer
		env.Stdout, env.Stderr, env.StdoutWidth, env.StderrIsTerminal = &out, &out, 0, false
		cli.Run(context.Background(), strings.Fields(b[1]), env)
		rest := "\n" + out.String()
		for part := range strings.SplitSeq(strings.TrimSuffix(b[2], "\n"), "…\n") {
			part = strings.TrimSuffix(part, "\n…")
			if part == "" {
				continue
			}
			before, after, ok := strings.Cut(rest, "\n"+part)
			if !ok {
				t.Fatalf("stopper %s does not print (any more, or not in this order):\n%s", b[1], part)
			}
			_ = before
			rest = after
		}
	}
}
