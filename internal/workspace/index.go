package workspace

import (
	"bytes"
	"encoding/binary"
	"path"
)

// The index of git names the files that belong to the repository. Those are not ignored, whatever an ignore file says.
const (
	maxIndex      = 64 << 20
	indexHeader   = 12
	indexEntry    = 62 // bytes of an entry before its name
	indexExtended = 0x4000
)

// tracked is the set of files in a git index, and of the folders above them.
type tracked map[string]bool

// readIndex reads a git index; what does not parse is left out.
func readIndex(b []byte) tracked {
	if len(b) < indexHeader || !bytes.HasPrefix(b, []byte("DIRC")) {
		return nil
	}
	version, count := binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	if version < 2 || version > 4 {
		return nil
	}
	out := tracked{}
	rest, last := b[indexHeader:], ""
	for range count {
		if len(rest) < indexEntry+2 {
			break
		}
		head := indexEntry
		if version >= 3 && binary.BigEndian.Uint16(rest[60:])&indexExtended != 0 {
			head += 2
		}
		name, size, ok := indexName(rest, head, version, last)
		if !ok || size > len(rest) {
			break
		}
		out.add(name)
		rest, last = rest[size:], name
	}
	return out
}

// indexName is the name of an entry and the size of the whole entry. Version 4 writes how much of the name before is dropped.
func indexName(b []byte, head int, version uint32, last string) (string, int, bool) {
	body := b[head:]
	keep := 0
	if version == 4 {
		drop, n := offset(body)
		if n == 0 || drop > len(last) {
			return "", 0, false
		}
		keep, head, body = len(last)-drop, head+n, body[n:]
	}
	end := bytes.IndexByte(body, 0)
	if end < 0 {
		return "", 0, false
	}
	name := last[:keep] + string(body[:end])
	if version == 4 {
		return name, head + end + 1, true
	}
	return name, (head + end + 8) / 8 * 8, true
}

// offset reads a number of git's variable width, and how many bytes it takes; 0 bytes when it does not end.
func offset(b []byte) (value, size int) {
	for i, c := range b {
		if i == 4 {
			break
		}
		if i > 0 {
			value++
		}
		value = value<<7 | int(c&0x7f)
		if c&0x80 == 0 {
			return value, i + 1
		}
	}
	return 0, 0
}

func (t tracked) add(name string) {
	t[name] = true
	for dir := path.Dir(name); dir != "." && dir != "/" && !t[dir]; dir = path.Dir(dir) {
		t[dir] = true
	}
}
