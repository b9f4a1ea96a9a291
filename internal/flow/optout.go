package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/trial"
)

// What programs do so that whoever runs them may let the server fetch from inside the network:
//
//	try:
//	    import advocate as client
//	except ImportError:
//	    client = requests
//
//	if not settings.ALLOW_PRIVATE_HOSTS and is_private(host):
//	    abort(400)
//
// The choice is theirs, and the careful way is the one that is meant.

// careful is the client, among several that a name may stand for, that refuses addresses inside the network by itself.
func (f *frame) careful(recv *value.Value, name string) *value.Obj {
	if len(recv.Objs) < 2 {
		return nil
	}
	for i := range recv.Objs {
		o := &recv.Objs[i]
		if o.Kind != value.ObjExternal && o.Kind != value.ObjLibrary {
			return nil
		}
		e := f.s.set.Lookup(f.s.set.Canonical(o.Path + "." + name))
		if e == nil {
			continue
		}
		for j := range e.Guards {
			if g := &e.Guards[j]; g.Raises && g.Kinds == models.Kinds(models.URLFetch) {
				return o
			}
		}
	}
	return nil
}

// maxOption bounds the calls around the name of an option: strtobool(os.getenv("ALLOW_PRIVATE", "no")).
const maxOption = 4

// optsOut: a condition is an option by which a check of addresses is given up, and not one that a request sets.
func (f *frame) optsOut(def *ir.Instr, depth int) bool {
	if def == nil || depth == 0 {
		return false
	}
	isName := func(reg ir.Reg) bool {
		s, ok := oneStr(f.get(reg))
		return ok && trial.OptsOut(s)
	}
	switch def.Op {
	case ir.OpAttr, ir.OpGlobal, ir.OpCell:
		return trial.OptsOut(def.Name)
	case ir.OpCopy:
		return f.optsOut(f.info.defs[max(def.A, 0)], depth-1)
	case ir.OpIndex:
		return isName(def.B)
	case ir.OpCall, ir.OpMethod: // config.get("ALLOW_PRIVATE", False), flag(…), ….lower()
		args := f.fn.ArgsOf(def)
		switch {
		case len(args) == 0:
			return def.Op == ir.OpMethod && f.optsOut(f.info.defs[max(def.A, 0)], depth-1)
		case len(args) <= 2 && isName(args[0].Reg):
			return true
		}
		return len(args) == 1 && f.optsOut(f.info.defs[max(args[0].Reg, 0)], depth-1)
	}
	return false
}

// unchecked: under such an option nothing is checked, and nothing needs to be.
func (f *frame) unchecked() {
	for i, w := range f.vars {
		if w != nil && len(w.Taint) > 0 {
			f.vars[i] = value.Clear(w, models.Kinds(models.URLFetch))
		}
	}
}
