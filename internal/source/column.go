package source

import "unicode/utf8"

const (
	// wide is from how many bytes on a line has a table of columns: minified files have lines of megabytes, with thousands of findings.
	wide = 4096
	// stride is how many bytes one entry of the table stands for.
	stride = 1024
)

// columns counts what stands in a line before an offset: code points and UTF-16 code units.
type columns struct{ runes, units uint32 }

func (c *columns) count(text []byte) {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r > 0xFFFF {
			c.units++
		}
		c.runes, c.units, text = c.runes+1, c.units+1, text[n:]
	}
}

// before counts what stands between the beginning of a line and an offset in it.
func (f *File) before(line int, off uint32) columns {
	start, end := f.Offset(line), f.Offset(line+1)
	if end-start < wide {
		var c columns
		c.count(f.slice(start, off))
		return c
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	table := f.wide[line]
	if table == nil {
		table = f.countWide(start, end)
		if f.wide == nil {
			f.wide = map[int][]place{}
		}
		f.wide[line] = table
	}
	at := table[min(int(off-start)/stride, len(table)-1)]
	if at.off > off { // in the middle of a character
		at = table[max(0, int(off-start)/stride-1)]
	}
	at.count(f.slice(at.off, off))
	return at.columns
}

// place is where a character begins, and what stands before it in the line.
type place struct {
	off uint32
	columns
}

// countWide makes the table: entry i is the first character at or behind byte i*stride.
func (f *File) countWide(start, end uint32) []place {
	at := place{off: start}
	out := []place{at}
	for next := start + stride; next < end; next += stride {
		for at.off < next {
			_, n := utf8.DecodeRune(f.Text[at.off:end])
			at.count(f.Text[at.off : at.off+uint32(n)])
			at.off += uint32(n)
		}
		out = append(out, at)
	}
	return out
}
