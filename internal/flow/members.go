package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// What is checked of the name of a member holds for the member, and what holds of every member holds for the archive:
//
//	for member in archive.getmembers():
//	    if member.name.startswith("/") or ".." in member.name:
//	        abort(400)
//	archive.extractall(FOLDER)
//
// The halves of such a check are two kinds, since each of them reads the name anew.

var (
	memberHalves = models.Kinds(models.MemberRoot, models.MemberClimb)
	memberKinds  = memberHalves.With(models.Archive)
)

// nameSafety is what the checks that a name has passed are worth for unpacking the member that is called so.
func nameSafety(v *value.Value) models.KindSet {
	if value.FolderOf(v) != nil || len(v.Taint) == 0 {
		return memberKinds
	}
	safe := memberKinds
	for i := range v.Taint {
		known := v.Taint[i].Cleared
		switch {
		case known.Has(models.Archive), known.Has(models.PathWrite):
			known = memberKinds
		default:
			if v.Facts&value.FactRelative != 0 {
				known = known.With(models.MemberRoot)
			}
			if v.Facts&value.FactNoClimb != 0 {
				known = known.With(models.MemberClimb)
			}
		}
		safe &= known
	}
	return safe
}

// memberChecked: what the instruction def gave was old and is now known to be v.
func (f *frame) memberChecked(def *ir.Instr, old, v *value.Value) {
	if def == nil || len(old.Taint) == 0 || def.A < 0 {
		return
	}
	switch {
	case def.Op == ir.OpAttr && (def.Name == "name" || def.Name == "path"):
	case def.Op == ir.OpMethod && (def.Name == "getmembers" || def.Name == "getnames"):
	default:
		return
	}
	whole := f.get(def.A)
	if whole == nil || len(whole.Taint) == 0 {
		return
	}
	n := withWeakOf(whole, v)
	if safe := nameSafety(v); safe != 0 {
		n = value.Clear(n, safe)
	}
	f.refine(def.A, n)
}

// membersBehind is memberChecked of everything that was read into a temporary register.
func (f *frame) membersBehind(old, v *value.Value) {
	if len(old.Taint) == 0 {
		return
	}
	for i := range f.temps {
		if f.temps[i] == old {
			f.memberChecked(f.info.def(ir.Reg(f.fn.NumVars+i)), old, v)
		}
	}
}

// weakBehind says of members that the path that was made of their names passed a check that does not suffice.
func (f *frame) weakBehind(v *value.Value) {
	if v.From() == nil || !slices.ContainsFunc(v.Taint, func(l value.Label) bool { return len(l.Weak()) > 0 }) {
		return
	}
	of := v.From().Of
	for depth := 0; of != nil && depth < maxPathsBack; depth++ {
		for i := range f.temps {
			def := f.info.def(ir.Reg(f.fn.NumVars + i))
			if f.temps[i] == of && def != nil && def.A >= 0 && def.Op == ir.OpAttr && (def.Name == "name" || def.Name == "path") {
				if whole := f.get(def.A); whole != nil && len(whole.Taint) > 0 {
					f.refine(def.A, withWeakOf(whole, v))
				}
			}
		}
		if of.From() == nil {
			return
		}
		of = of.From().Of
	}
}

// maxPathsBack bounds how far back a checked path is looked for what it was made of.
const maxPathsBack = 4

// extracted is an archive of which some members are unpacked: those that are named, or all.
func (f *frame) extracted(path string, archive *value.Value, args []arg) *value.Value {
	sel := models.ArgSel{Pos: 0, Name: "member"}
	if strings.HasSuffix(path, ".extractall") {
		sel = models.ArgSel{Pos: 1, Name: "members"}
	}
	if f.filtersMembers(archive) {
		return value.Clear(archive, memberKinds)
	}
	safe := memberKinds
	chosen := f.selectArgs(sel, nil, args)
	for _, a := range chosen {
		v := f.deep(a.v)
		if v == nil || v.IsConst && len(v.Taint) == 0 || v.AnyObj && len(v.Taint) == 0 {
			return ofMembers(archive, labelSafety(archive))
		}
		safe &= labelSafety(v)
		archive = withWeakOf(archive, v)
	}
	if len(chosen) == 0 {
		safe = 0
	}
	return ofMembers(archive, safe|labelSafety(archive))
}

// filtersMembers: the archive was given a filter of the library that keeps members in the folder. Where an older Python has none, the
// fallback beside it is what nobody can help.
func (f *frame) filtersMembers(archive *value.Value) bool {
	for i := range archive.Objs {
		k, ok := keyOf(&archive.Objs[i])
		if c := f.object(k).attr("extraction_filter"); ok && c != nil && c.value != nil {
			return slices.ContainsFunc(c.value.Objs, func(o value.Obj) bool {
				return o.Kind == value.ObjExternal && (o.Path == "tarfile.data_filter" || o.Path == "tarfile.tar_filter")
			})
		}
	}
	return false
}

// labelSafety is what all labels of a member, or of many, were cleared for.
func labelSafety(v *value.Value) models.KindSet {
	safe := memberKinds
	for i := range v.Taint {
		known := v.Taint[i].Cleared
		if known.Has(models.PathWrite) {
			known = memberKinds
		}
		safe &= known
	}
	return safe
}

// withWeakOf is the archive with the insufficient checks of its members.
func withWeakOf(archive, member *value.Value) *value.Value {
	for i := range member.Taint {
		for _, w := range member.Taint[i].Weak() {
			if w.Kind == models.PathRead || w.Kind == models.PathWrite {
				w.Kind = models.Archive
			}
			if w.Kind == models.Archive {
				archive = value.WithWeak(archive, w)
			}
		}
	}
	return archive
}

// ofMembers is the archive, given what is known of the names of the members that are unpacked.
func ofMembers(archive *value.Value, safe models.KindSet) *value.Value {
	switch {
	case safe.Has(models.Archive), safe&memberHalves == memberHalves:
		return value.Clear(archive, memberKinds)
	case safe.Has(models.MemberRoot):
		return value.WithWeak(archive, value.WeakGuard{Kind: models.Archive, Name: "only absolute names are refused", Defeats: "../../app.py"})
	}
	return archive
}

// weakOfItem adds the insufficient checks of an element of a collection, as far as they are about members of archives.
func weakOfItem(whole, item *value.Label) {
	for _, w := range item.Weak() {
		if w.Kind == models.Archive {
			whole.AddWeak([]value.WeakGuard{w})
		}
	}
}

// hasWeak: a check of this kind was made that does not suffice.
func hasWeak(v *value.Value, kind models.SinkKind) bool {
	return slices.ContainsFunc(v.Taint, func(l value.Label) bool {
		return slices.ContainsFunc(l.Weak(), func(w value.WeakGuard) bool { return w.Kind == kind })
	})
}
