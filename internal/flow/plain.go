package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
)

// Fields of the query, of a form and of cookies are text or not there, whatever a client sends. So an attribute that text has not got,
// and a method, is nothing of theirs:
//
//	info = {key: text for key, text in request.args.items()}
//	info["stats"] = Stats()
//	info["stats"].summary()    # of the object that the view put there, never of a field

// withoutPlain is a value of which an attribute is read that text has not got, without the fields among what it may be.
func (f *frame) withoutPlain(v *value.Value, name string) *value.Value {
	if v == nil || len(v.Taint) == 0 || value.IsStrMethod(name) {
		return v
	}
	for i := range v.Objs {
		if o := &v.Objs[i]; o.Kind != value.ObjInstance || slices.ContainsFunc(f.s.externalBases(o.Class), holdsItems) {
			return v // all fields, or what may have any
		}
	}
	var left []value.Label
	for i := range v.Taint {
		if l := &v.Taint[i]; !isField(l) {
			left = append(left, *l)
		}
	}
	if len(left) == len(v.Taint) {
		return v
	}
	r := *v
	r.Taint, r.Str = left, nil
	return &r
}

// holdsItems: the items of an object of a class are attributes of it in a template.
func holdsItems(base string) bool {
	return base == "builtins.dict" || strings.HasPrefix(base, "collections.") || strings.HasPrefix(base, "werkzeug.")
}

// isField: a label is that of a field that nothing was done with but passing it on.
func isField(l *value.Label) bool {
	return l.Origin.Kind == value.OriginSource && isTextSource(l.Origin.Name) && l.Marks == 0 && l.IsUntouched()
}

func isTextSource(name string) bool {
	mapping, _, _ := strings.Cut(name, "[")
	switch mapping {
	case "request.args", "request.form", "request.values", "request.cookies":
		return true
	}
	return false
}

// methodPart ends the part of a label's path that stands for a method nobody knows: what it gives is made of the object, if that is one
// that may have such a method. Whoever passed the object in knows that.
const methodPart = "~"

// askedOf is the receiver of a method that nobody knows, with the method on the paths of its parameters.
func (f *frame) askedOf(recv *value.Value, name string) *value.Value {
	if f.fn.Kind != ir.KindTemplate || value.IsStrMethod(name) || strings.ContainsAny(name, ".*[(") {
		return f.withoutPlain(recv, name)
	}
	return mapTaint(f.withoutPlain(recv, name), func(ls []value.Label) []value.Label {
		out := slices.Clone(ls)
		for i := range out {
			o := &out[i].Origin
			if o.Kind == value.OriginParam && !strings.HasSuffix(o.Name, "*") && strings.Count(o.Name, ".")+1 < maxParamPath {
				o.Name = strings.TrimPrefix(o.Name+"."+name+methodPart, ".")
			}
		}
		return value.NormalizeLabels(out)
	})
}
