package flow

import "stopper/internal/flow/value"

// siteTable tells of allocation sites the number of their key, and whether what they make is there for all requests. It is asked with
// every step that looks into an object, so each entry is one piece of memory, found by open addressing.
type siteTable struct {
	entries []siteEntry // a power of two
	used    int
}

type siteEntry struct {
	site value.Site
	tag  uint32 // 0: free; else twice the number of the key, plus two, or zero without a key, plus one when what it makes lasts
}

const (
	siteLasts = 1
	siteKey   = 2
	minSites  = 1 << 10
)

func newSiteTable() siteTable { return siteTable{entries: make([]siteEntry, minSites)} }

// at is the entry of a site, or the free one where it belongs.
func (t *siteTable) at(s value.Site) *siteEntry {
	h := (uint64(s.Func)<<32 | uint64(s.Node)) * 0x9e3779b97f4a7c15
	h = (h ^ h>>29 ^ uint64(s.Context)) * 0xbf58476d1ce4e5b9
	mask := uint64(len(t.entries) - 1)
	for i := h >> 32; ; i++ {
		if e := &t.entries[i&mask]; e.tag == 0 || e.site == s {
			return e
		}
	}
}

// set says something more of a site.
func (t *siteTable) set(s value.Site, tag uint32) {
	e := t.at(s)
	if e.tag == 0 {
		if t.used++; t.used > len(t.entries)/2 {
			t.grow()
			e = t.at(s)
		}
		e.site = s
	}
	e.tag |= tag
}

func (t *siteTable) grow() {
	old := t.entries
	t.entries = make([]siteEntry, 2*len(old))
	for i := range old {
		if old[i].tag != 0 {
			*t.at(old[i].site) = old[i]
		}
	}
}

// number is that of the key of a site.
func (t *siteTable) number(s value.Site) (int32, bool) {
	tag := t.at(s).tag
	return int32(tag/siteKey) - 1, tag >= siteKey
}

// lasts: what the site makes is there for all requests.
func (t *siteTable) lasts(s value.Site) bool { return t.at(s).tag&siteLasts != 0 }
