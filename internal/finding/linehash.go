package finding

import (
	"strconv"

	"stopper/internal/source"
)

// GitHub matches alerts across commits by a rolling hash of the 100 code units that start at the alert's line, blanks
// left out, followed by how many lines before it had the same hash. The algorithm is fixed by what GitHub's
// upload action computes for tools that send no hash of their own.
const (
	hashWindow = 100
	hashBase   = 37
	lineFeed   = 10
	endOfFile  = 65535
)

// maxHashed bounds the text that is hashed: a larger file gets no line hash, and GitHub computes its own.
const maxHashed = 4 << 20

func (p *placer) lineHash(file *source.File, line int) string {
	hashes, ok := p.hashes[file.Path]
	if !ok {
		if len(file.Text) <= maxHashed {
			hashes = lineHashes(string(file.Text))
		}
		p.hashes[file.Path] = hashes
	}
	line = max(line, 1)
	if line > len(hashes) {
		return ""
	}
	return hashes[line-1]
}

type roller struct {
	window [hashWindow]uint64
	lines  [hashWindow]int // the line that starts at this place of the window, or 0
	at     int
	hash   uint64
	power  uint64
	seen   map[uint64]int
	out    []string
}

// lineHashes gives the hash of every line.
func lineHashes(text string) []string {
	r := &roller{power: 1, seen: map[uint64]int{}}
	for range hashWindow {
		r.power *= hashBase
	}
	line, atStart, wasCR := 1, true, false
	feed := func(c uint64) {
		if c == ' ' || c == '\t' || wasCR && c == lineFeed {
			wasCR = false
			return
		}
		wasCR = c == '\r'
		if wasCR {
			c = lineFeed
		}
		if r.lines[r.at] != 0 {
			r.emit()
		}
		if atStart {
			atStart = false
			r.lines[r.at] = line
			line++
		}
		atStart = c == lineFeed
		r.push(c)
	}
	for _, c := range text {
		if c > 0xFFFF {
			c -= 0x10000
			feed(uint64(0xD800 + c>>10))
			c = 0xDC00 + c&0x3FF
		}
		feed(uint64(c))
	}
	feed(endOfFile)
	for range hashWindow {
		if r.lines[r.at] != 0 {
			r.emit()
		}
		r.push(0)
	}
	return r.out
}

func (r *roller) push(c uint64) {
	out := r.window[r.at]
	r.window[r.at] = c
	r.hash = hashBase*r.hash + c - r.power*out
	r.at = (r.at + 1) % hashWindow
}

func (r *roller) emit() {
	r.seen[r.hash]++
	n := r.lines[r.at]
	for len(r.out) < n {
		r.out = append(r.out, "")
	}
	r.out[n-1] = strconv.FormatUint(r.hash, 16) + ":" + strconv.Itoa(r.seen[r.hash])
	r.lines[r.at] = 0
}
