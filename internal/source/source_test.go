package source

import (
	"strings"
	"testing"
)

// Columns of long lines, which have a table, are those that counting gives.
func TestColumns(t *testing.T) {
	for _, piece := range []string{"a", "é", "a€😀", "\xff\xf0\x9f", "😀"} {
		text := "first\n" + strings.Repeat(piece, 3*wide/len(piece)) + "\nlast"
		f := NewFile("a", []byte(text))
		if got := f.Slice(f.LineSpan(1)) + f.Slice(f.LineSpan(3)) + f.Slice(f.LineSpan(4)); got != "firstlast" {
			t.Errorf("lines: %q", got)
		}
		runes, units := 1, 1
		for off, r := range text[len("first\n") : len(text)-len("\nlast")] {
			if line, col := f.Position(uint32(off + 6)); line != 2 || col != runes {
				t.Fatalf("%q: byte %d is %d:%d, not 2:%d", piece, off, line, col, runes)
			}
			if _, col := f.PositionUTF16(uint32(off + 6)); col != units {
				t.Fatalf("%q: byte %d is unit %d, not %d", piece, off, col, units)
			}
			if runes, units = runes+1, units+1; r > 0xFFFF {
				units++
			}
		}
	}
}

func TestLineText(t *testing.T) {
	f := NewFile("a", []byte("a\r\nb\r\rc"))
	for line, want := range map[int]string{0: "", 1: "a", 2: "b", 3: "", 4: "c", 5: ""} {
		if got := f.LineText(line); got != want {
			t.Errorf("line %d is %q", line, got)
		}
	}
	if got := NewFile("a", []byte(strings.Repeat("x", 2*maxLineText))).LineText(1); len(got) != maxLineText {
		t.Errorf("%d bytes", len(got))
	}
}
