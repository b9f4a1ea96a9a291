package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/models"
)

// Records: what a collection of the process holds under keys that the program computes is often nowhere seen being put there: it
// was read from a file at the start, or by code that nobody follows. One object stands for all of it, so that what one request
// writes to a record, another finds in one, by the name of the field:
//
//	NOTES = json.load(open("notes.json"))
//	def change(id): NOTES[id].update(request.json)      # or NOTES[id]["file"] = …
//	def show(id):   return open(NOTES[id]["file"])

// unseenType is the Path of such an object. It behaves as a dict does that is not known to lack anything.
const unseenType = "unseen"

// maxUnseenDepth bounds records in records.
const maxUnseenDepth = 2

// unseenIn is what was found in a collection of the process under a key that the code does not say, or, where nothing is known of
// that, the record that stands for it.
func (f *frame) unseenIn(found *value.Value, k objKey, o *object) *value.Value {
	if !isNowhereSeen(found) || f.isModuleLevel() || !f.s.isShared(k) || !slices.Contains(unseenHolders, o.typ) {
		return found
	}
	depth := f.s.unseen[k.site].depth
	if depth >= maxUnseenDepth {
		f.s.trip(f.fn, limitKept)
		return found
	}
	site := unseenSite(k.site)
	if f.s.unseen == nil {
		f.s.unseen = map[value.Site]unseen{}
	}
	f.s.unseen[site] = unseen{depth + 1, k.site}
	f.s.lastsFrom(site)
	return join(orUnknown(found), value.OfObj(value.Obj{Kind: value.ObjSite, Site: site, Path: unseenType}))
}

// unseen says of such an object how many collections stand above it, and which is the next one.
type unseen struct {
	depth int
	of    value.Site
}

// unseenSite is the place of what is not seen in the collection of a place.
func unseenSite(of value.Site) value.Site {
	of.Context = (of.Context+1)*16777619 ^ unseenMark
	return of
}

// anyInstance is the place that stands for a collection in the methods of instances that nobody knows: the one that the constructor makes.
func (s *solver) anyInstance(site value.Site) value.Site {
	if u, ok := s.unseen[site]; ok {
		return unseenSite(s.anyInstance(u.of))
	}
	site.Context = 0
	return site
}

// unseenMark tells the place of a record from that of its collection.
const unseenMark = 0x7ec0bd

// unseenHolders are the types of collections that hold records.
var unseenHolders = []string{"dict", "list", unseenType, ""}

// isNowhereSeen: nothing is known of a value, neither what it is nor whose words it holds.
func isNowhereSeen(v *value.Value) bool {
	return v == nil || len(v.Objs) == 0 && len(v.Taint) == 0 && !v.IsConst && v.Type == "" && v.Str == nil
}

// isVacant: it is known, and nothing is in it.
func (o *object) isVacant() bool { return o != nil && o.isEmpty() }

// holdsKeys: objects of the type hold values under keys, and lack those that nobody put in.
func holdsKeys(typ string) bool { return typ == "dict" || typ == "section" || typ == unseenType }

// emptyType is the type of an object of which nothing is known yet.
func emptyType(o *value.Obj) string {
	if o.Kind == value.ObjSite && o.Path == unseenType {
		return unseenType
	}
	return ""
}

// keptStar is what an object keeps under names that the program computes. What is merged into a record counts where a stranger chose the
// names as well.
func keptStar(o *object) *value.Value {
	if o.typ == unseenType {
		return value.KeepLabels(o.star, isWholeRequest)
	}
	return o.star
}

// isWholeRequest: the label is that of all that a request says, so that it chooses the keys as well: update(request.json). What other
// mappings hold, such as the fields of a form, was named by the program.
func isWholeRequest(l *value.Label) bool {
	o := &l.Origin
	return o.Kind == value.OriginSource && o.Source == models.Remote && l.UnknownCalls() == 0 &&
		strings.HasPrefix(o.Name, "request.") && !strings.Contains(o.Name, "[")
}
