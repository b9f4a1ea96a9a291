package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// A helper that puts a name below a folder, looks where that leads, and says yes, has shown the same of the name that its caller
// puts below that folder again, however many helpers stand between them:
//
//	if not exists(name):  # which asks path_of(name), which compares realpath(join(BASE, name)) with BASE
//	    abort(404)
//	open(os.path.join(BASE, name))

// paramFolders are the folders that the parameters, as they are now, were found to stay in; nil when there are none.
func (f *frame) paramFolders() []*value.Value {
	var out []*value.Value
	for i := range f.fn.Params {
		v := f.vars[f.fn.Params[i].Reg]
		if v == nil {
			continue
		}
		if folder := closedFolder(v); folder != nil {
			if out == nil {
				out = make([]*value.Value, len(f.fn.Params))
			}
			out[i] = folder
		}
	}
	return out
}

// closedFolder is the folder that a value was found to stay in, where callers see the same folder.
func closedFolder(v *value.Value) *value.Value {
	folder := value.FolderOf(v)
	if folder == nil || hasParamLabel(folder.Taint) || hasParamObj(folder) {
		return nil
	}
	return folder
}

// meetFolders keeps of the folders at one return, by the truth of what is returned, those that hold at another one too.
func (ft *facts) meetFolders(i int, now []*value.Value) {
	if !ft.seen[i] {
		ft.folders[i] = now
		return
	}
	if ft.folders[i] == nil || now == nil {
		ft.folders[i] = nil
		return
	}
	kept := slices.Clone(ft.folders[i])
	for j := range kept {
		if !value.SameFolder(kept[j], now[j]) {
			kept[j] = nil
		}
	}
	ft.folders[i] = kept
}

// belowArgs notes of the arguments of a call what it has shown of them.
func (f *frame) belowArgs(o *value.Obj, ops []ir.Arg, folders []*value.Value) {
	if folders == nil {
		return
	}
	f.eachArg(o, ops, func(i int, reg ir.Reg) {
		if old := f.get(reg); i < len(folders) && folders[i] != nil && old != nil && len(old.Taint) > 0 {
			v := value.Below(old, folders[i])
			f.refine(reg, v)
			f.attrChecked(reg, old, v)
		}
	})
}

// staysBelow: what a function opens is made of its folder and of a name that its caller has found to stay there. n is the hit as
// the caller sees it: further callers may have looked.
func (b *binding) staysBelow(h, n *Hit) bool {
	if h.Kind != models.PathRead && h.Kind != models.PathWrite {
		return false
	}
	name, folder := value.JoinOf(h.Value)
	if name == nil {
		return false
	}
	name, folder = b.inPlaceOf(name), b.value(folder)
	if found := value.FolderOf(name); found != nil && value.SameFolder(found, folder) {
		return true
	}
	n.Value = value.PutTogether(n.Value, name, folder)
	return false
}

// inPlaceOf is what the caller has in place of a parameter, or of an attribute of one, with what it knows of it. What any instance
// may hold in the attribute is beside the point: the caller knows which one it is.
func (b *binding) inPlaceOf(v *value.Value) *value.Value {
	var param *value.Obj
	for i := range v.Objs {
		o := &v.Objs[i]
		switch {
		case o.Kind == value.ObjParam && param == nil:
			param = o
		case o.Kind == value.ObjParam:
			return b.value(v)
		}
	}
	if param == nil || !b.owns(param.Func) || v.IsConst || param.Path == "" && len(v.Objs) > 1 {
		return b.value(v)
	}
	return b.passedAs(param)
}
