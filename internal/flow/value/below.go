package value

import (
	"slices"

	"stopper/internal/models"
)

// A check often looks at a path that is put together once more for the file:
//
//	if not is_below(os.path.join(BASE, name), BASE):
//	    abort(404)
//	return send_file(os.path.join(BASE, name))
//
// What it says holds of the second path too, since both are made of the same folder and the same name. It says nothing of the name
// in another folder: there, an absolute name leads to the first one.

// joined notes what a path was put together from, or that a check of the same has shown where it leads.
func joined(r *Value, vs []*Value) *Value {
	at := -1
	for i, v := range vs {
		switch {
		case len(v.Taint) == 0 || OwnWords(v.Taint):
		case i == 0 && isParams(v): // each caller has a folder of its own
		case i == 0 || at >= 0:
			return r
		default:
			at = i
		}
	}
	if at < 1 {
		return r
	}
	base := vs[0]
	if at > 1 {
		base = joinPath("str", vs[:at])
	}
	name := vs[at]
	if isBelow(name) {
		if OwnWords(base.Taint) && SameFolder(name.From().Arg, base) {
			return Clear(r, pathKinds)
		}
		return r
	}
	return deriveWith(r, Derived{How: HowJoin, Of: name, Arg: base})
}

// below remembers for the name in a joined path that, in this folder, it stays there.
func below(v *Value) *Value {
	from := v.From()
	if from == nil || from.How != HowJoin {
		return v
	}
	return pull(v, func(name *Value) *Value { return Below(name, from.Arg) })
}

// Below is a name of which is known that, in this folder, it stays there.
func Below(name, folder *Value) *Value {
	if folder == nil {
		return name
	}
	return WithFrom(name, Derived{How: HowBelow, Of: name.underived(), Arg: folder})
}

// FolderOf is the folder in which a name is known to stay; nil when there is none.
func FolderOf(name *Value) *Value {
	if !isBelow(name) {
		return nil
	}
	return name.From().Arg
}

// isBelow: a check has shown where the name leads in some folder. Words of the program itself beside it, the fallback where the
// check fails, change nothing.
func isBelow(name *Value) bool {
	return name != nil && name.From() != nil && name.From().How == HowBelow
}

// ClearPath is Clear for what a check of the program has shown of a path.
func ClearPath(v *Value, kinds models.KindSet) *Value {
	v = Clear(v, kinds)
	if kinds&pathKinds != pathKinds {
		return v
	}
	return below(v)
}

// SameFolder: both are put together from the same constants and the same unknown things.
func SameFolder(a, b *Value) bool {
	if a == nil || b == nil {
		return false
	}
	return a == b || slices.EqualFunc(SkeletonOf(a).Parts, SkeletonOf(b).Parts, func(x, y Part) bool {
		return x.IsHole == y.IsHole && x.Lit == y.Lit && x.Param == y.Param && slices.EqualFunc(x.Taint, y.Taint, func(s, t Label) bool {
			return s.Origin == t.Origin
		})
	})
}

// JoinOf are the name and the folder that a path was put together from; nil for other values.
func JoinOf(v *Value) (name, folder *Value) {
	for range maxDerived {
		if v == nil || v.From() == nil {
			return nil, nil
		}
		switch from := v.From(); from.How {
		case HowJoin:
			return from.Of, from.Arg
		case HowPath, HowStr:
			v = from.Of
		default:
			return nil, nil
		}
	}
	return nil, nil
}

// PutTogether says of a path what it was put together from.
func PutTogether(v, name, folder *Value) *Value {
	return WithFrom(v, Derived{How: HowJoin, Of: name, Arg: folder})
}
