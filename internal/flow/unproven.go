package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// A function that compares its argument with a folder and raises has returned. Where its summary does not say that the argument is
// below the folder, because a setting switches the check off or because of how it puts the path together, the argument remembers
// that there was a check:
//
//	def check_access(folder, path):
//	    if not config.SERVER_MODE:
//	        return
//	    try:
//	        Path(os.path.realpath(full(folder, path))).relative_to(folder)
//	    except ValueError:
//	        raise PermissionError(path)

// perhapsChecked marks the arguments of such a call that are not cleared.
func (f *frame) perhapsChecked(o *value.Obj, in *ir.Instr) {
	st := &f.s.funcs[o.Func]
	if st.ir == nil || st.info == nil || !refusesPaths(st.ir) {
		return
	}
	for _, a := range f.fn.ArgsOf(in) {
		v := f.get(a.Reg)
		if len(v.Taint) == 0 {
			continue
		}
		w := value.WeakGuard{Kind: models.PathRead, Name: value.Unproven, Func: o.Func, Node: st.ir.Node}
		f.refine(a.Reg, value.WithWeak(v, w))
	}
}

// refusesPaths: the function resolves a path, compares it with a folder, and raises.
func refusesPaths(fn *ir.Func) bool {
	resolves, compares, raises := false, false, false
	for b := range fn.Blocks {
		for i := range fn.Blocks[b].Instrs {
			switch in := &fn.Blocks[b].Instrs[i]; in.Op {
			case ir.OpRaise:
				raises = raises || in.A != ir.NoReg // not what lowering puts behind the last except
			case ir.OpMethod:
				switch in.Name {
				case "realpath", "abspath", "normpath", "resolve":
					resolves = true
				case "relative_to", "is_relative_to", "commonpath", "startswith":
					compares = true
				}
			}
		}
	}
	return resolves && compares && raises
}
