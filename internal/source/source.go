// Package source holds the text of one file and answers questions about positions in it.
//
// A File is immutable once made and safe for concurrent use. Positions are byte offsets everywhere in the program;
// only reporters turn them into lines and columns.
package source

import (
	"bytes"
	"sort"
	"sync"
)

// Span is a half-open range of byte offsets in one file.
type Span struct {
	Start, End uint32
}

// IsZero reports whether the span carries no position.
func (s Span) IsZero() bool { return s.Start == 0 && s.End == 0 }

// File is the text of one file. Path is slash-separated and relative to the audited root.
type File struct {
	Path string
	Text []byte

	once  sync.Once
	lines []uint32 // offset of the first byte of each line

	mu   sync.Mutex
	wide map[int][]place // of long lines, once somebody asked
}

// NewFile wraps a text. The text must not change afterwards.
func NewFile(path string, text []byte) *File { return &File{Path: path, Text: text} }

// The table is built on the first question, because most files of a repository carry no finding.
func (f *File) table() []uint32 {
	f.once.Do(func() {
		f.lines = append(f.lines, 0)
		for i := 0; i < len(f.Text); i++ {
			switch f.Text[i] {
			case '\n':
				f.lines = append(f.lines, uint32(i+1))
			case '\r':
				if i+1 < len(f.Text) && f.Text[i+1] == '\n' {
					i++
				}
				f.lines = append(f.lines, uint32(i+1))
			}
		}
	})
	return f.lines
}

// LineCount is the number of lines; a final line break does not open another line.
func (f *File) LineCount() int {
	n := 1 + bytes.Count(f.Text, []byte("\n"))
	for rest := f.Text; ; {
		i := bytes.IndexByte(rest, '\r')
		if i < 0 {
			break
		}
		if rest = rest[i+1:]; len(rest) == 0 || rest[0] != '\n' {
			n++
		}
	}
	if end := len(f.Text); n > 1 && (f.Text[end-1] == '\n' || f.Text[end-1] == '\r') {
		n--
	}
	return n
}

// Line is the 1-based line that holds an offset.
func (f *File) Line(off uint32) int {
	t := f.table()
	return sort.Search(len(t), func(i int) bool { return t[i] > off })
}

// Position is the 1-based line and the 1-based column in Unicode code points.
func (f *File) Position(off uint32) (line, col int) {
	line = f.Line(off)
	return line, 1 + int(f.before(line, off).runes)
}

// PositionUTF16 is the 1-based line and the 1-based column in UTF-16 code units, as SARIF and LSP count.
func (f *File) PositionUTF16(off uint32) (line, col int) {
	line = f.Line(off)
	return line, 1 + int(f.before(line, off).units)
}

// Offset is the byte offset of the first byte of a 1-based line.
func (f *File) Offset(line int) uint32 {
	t := f.table()
	if line < 1 {
		return 0
	}
	if line > len(t) {
		return uint32(len(f.Text))
	}
	return t[line-1]
}

// LineSpan is a 1-based line without its line break.
func (f *File) LineSpan(line int) Span {
	if line < 1 || line > len(f.table()) {
		return Span{}
	}
	s := Span{f.Offset(line), f.Offset(line + 1)}
	for s.End > s.Start && (f.Text[s.End-1] == '\n' || f.Text[s.End-1] == '\r') {
		s.End--
	}
	return s
}

// maxLineText bounds LineText.
const maxLineText = 1 << 14

// LineText is the text of a 1-based line without its line break, the first 16 kB of it.
func (f *File) LineText(line int) string {
	s := f.LineSpan(line)
	s.End = min(s.End, s.Start+maxLineText)
	return f.Slice(s)
}

// Slice is the text of a span.
func (f *File) Slice(s Span) string { return string(f.slice(s.Start, s.End)) }

func (f *File) slice(a, b uint32) []byte {
	n := uint32(len(f.Text))
	a, b = min(a, n), min(b, n)
	if a > b {
		return nil
	}
	return f.Text[a:b]
}
