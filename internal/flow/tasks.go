package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// A function that a queue made a task of (Celery, Dramatiq, Huey) is the function itself here, and runs where it is put into
// the queue:
//
//	store.delay(name)        store.apply_async(args=(name,), kwargs={"kind": kind})        store.send(name)

// isQueued: a method of a function under this name runs the function later, with what it is given.
func isQueued(name string) bool {
	switch name {
	case "delay", "apply_async", "apply", "s", "si", "signature", "send", "send_with_options", "schedule":
		return true
	}
	return false
}

// queued runs a task with the arguments that it gets from the queue.
func (f *frame) queued(o *value.Obj, name string, args []arg, node ast.NodeID) *value.Value {
	switch name {
	case "apply_async", "apply", "signature", "send_with_options", "schedule":
		args = spreadTask(args)
	}
	if f.isBoundTask(o) {
		args = append([]arg{{v: value.Unknown, node: node}}, args...)
	}
	return f.callObj(o, args, node)
}

// spreadTask are the arguments that stand in a tuple and a dict: apply_async(args=(…), kwargs={…}), or without names. What else is
// given says when and where the task runs.
func spreadTask(args []arg) []arg {
	var out []arg
	pos := 0
	for _, a := range args {
		switch {
		case a.kind == ir.ArgPos && pos < 2:
			a.kind, pos = [...]ir.ArgKind{ir.ArgStar, ir.ArgStarStar}[pos], pos+1
			out = append(out, a)
		case a.kind == ir.ArgKeyword && a.name == "args":
			out = append(out, arg{kind: ir.ArgStar, v: a.v, node: a.node})
		case a.kind == ir.ArgKeyword && a.name == "kwargs":
			out = append(out, arg{kind: ir.ArgStarStar, v: a.v, node: a.node})
		}
	}
	return out
}

// isBoundTask: @app.task(bind=True) puts the task itself in front; a plain function that calls its first parameter self says so.
func (f *frame) isBoundTask(o *value.Obj) bool {
	fn := f.s.fn(o.Func)
	return o.Kind == value.ObjFunc && fn != nil && fn.Class == ir.NoClass && len(fn.Params) > 0 && fn.Params[0].Name == "self"
}
