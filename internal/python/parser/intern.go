package parser

// interner numbers names twice: once for the Parser's life, so that the bytes of a name are hashed and compared but
// never copied again, and once for each file, because a tree's Names hold only its own.
type interner struct {
	table  []uint32 // open addressing; number+1, 0 is free
	hashes []uint32
	names  []string
	// stamp tells whether nums is about the current file.
	stamp []uint32
	nums  []uint32
	epoch uint32
	local []string
	bytes int
}

// What a Parser remembers between files is bounded.
const (
	maxNames     = 1 << 20
	maxNameBytes = 32 << 20
)

func (in *interner) reset() {
	*in = interner{table: make([]uint32, 1<<13), epoch: in.epoch, local: in.local}
	for _, k := range keywords {
		in.number([]byte(k), hashName([]byte(k)))
	}
}

// nextFile starts an empty list of names. Symbol 0 is the empty name.
func (in *interner) nextFile() {
	if len(in.names) > maxNames || in.bytes > maxNameBytes || in.epoch == 1<<32-1 {
		in.epoch = 0
		in.reset()
	}
	in.epoch++
	in.local = append(in.local[:0], "")
}

func hashName(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

// number is the name's number in the Parser; keywords have the first ones. h is hashName(b).
func (in *interner) number(b []byte, h uint32) uint32 {
	h ^= h >> 15
	mask := uint32(len(in.table) - 1)
	i := h & mask
	for in.table[i] != 0 {
		id := in.table[i] - 1
		if in.hashes[id] == h && in.names[id] == string(b) {
			return id
		}
		i = (i + 1) & mask
	}
	id := uint32(len(in.names))
	in.hashes = append(in.hashes, h)
	in.names = append(in.names, string(b))
	in.bytes += len(b)
	in.stamp = append(in.stamp, 0)
	in.nums = append(in.nums, 0)
	in.table[i] = id + 1
	if int(id)*2 > len(in.table) {
		in.grow()
	}
	return id
}

func (in *interner) grow() {
	in.table = make([]uint32, 2*len(in.table))
	mask := uint32(len(in.table) - 1)
	for id, h := range in.hashes {
		i := h & mask
		for in.table[i] != 0 {
			i = (i + 1) & mask
		}
		in.table[i] = uint32(id) + 1
	}
}

// sym is the file's symbol for a name's number.
func (in *interner) sym(id uint32) uint32 {
	if in.stamp[id] == in.epoch {
		return in.nums[id]
	}
	s := uint32(len(in.local))
	in.stamp[id], in.nums[id] = in.epoch, s
	in.local = append(in.local, in.names[id])
	return s
}

// intern is the file's symbol for a name.
func (in *interner) intern(b []byte) uint32 { return in.sym(in.number(b, hashName(b))) }
