package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMemory(t *testing.T) {
	write := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	machine := write("meminfo", "MemFree:  100 kB\nMemTotal:       8192 kB\nMemAvailable: 50 kB\n")
	limit, none, odd := write("max", "4194304\n"), write("max", "max\n"), write("max", "\n")
	for _, c := range []struct {
		machine    string
		containers []string
		want       int
	}{
		{machine, nil, 8 << 20},
		{machine, []string{limit}, 4 << 20},
		{machine, []string{none, odd, "missing"}, 8 << 20},
		{machine, []string{write("max", "9223372036854771712")}, 8 << 20}, // an older kernel's word for no limit
		{"missing", []string{none, limit}, 4 << 20},
		{odd, nil, 0},
		{write("meminfo", "MemTotal: many kB\n"), nil, 0},
	} {
		if got := memory(c.machine, c.containers...); got != c.want {
			t.Errorf("memory(%q, %q) = %d, want %d", c.machine, c.containers, got, c.want)
		}
	}
}

func TestRoom(t *testing.T) {
	for _, c := range []struct{ floor, live, want int }{{800, 0, 800}, {800, 300, 500}, {800, 700, 400}, {800, 2000, 400}} {
		if got := room(c.floor, c.live); got != c.want {
			t.Errorf("room(%d, %d) = %d, want %d", c.floor, c.live, got, c.want)
		}
	}
}
