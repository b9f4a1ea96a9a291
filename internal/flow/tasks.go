package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// A function that a queue made a task of (Celery, Dramatiq, Huey) is the function itself here, and runs where it is put into
// the queue:
//
//	store.delay(name)        store.apply_async(args=(name,), kwargs={"kind": kind})        store.send(name)

// isQueued: a method of a function under this name runs the function later, with what it is given.
func isQueued(name string) bool {
	switch name {
	case "delay", "apply_async", "apply", "s", "si", "signature", "send", "send_with_options", "schedule", "queue":
		return true
	}
	return false
}

// queued runs a task with the arguments that it gets from the queue.
func (f *frame) queued(o *value.Obj, name string, args []arg, node ast.NodeID) *value.Value {
	switch name {
	case "apply_async", "apply", "signature", "send_with_options", "schedule":
		args = f.spreadTask(args)
	}
	if f.isBoundTask(o) {
		args = append([]arg{{v: value.Unknown, node: node}}, args...)
	}
	return f.callObj(o, args, node)
}

// spreadTask are the arguments that stand in a tuple and a dict: apply_async(args=(…), kwargs={…}), or without names. What else is
// given says when and where the task runs.
func (f *frame) spreadTask(args []arg) []arg {
	var out []arg
	pos := 0
	for _, a := range args {
		switch {
		case a.kind == ir.ArgPos && pos == 0, a.kind == ir.ArgKeyword && a.name == "args":
			out, pos = f.spread(out, a), pos+1
		case a.kind == ir.ArgPos && pos == 1, a.kind == ir.ArgKeyword && a.name == "kwargs":
			out, pos = f.spreadNames(out, a), pos+1
		}
	}
	return out
}

// isBoundTask: @app.task(bind=True) puts the task itself in front; a plain function that calls its first parameter self says so.
func (f *frame) isBoundTask(o *value.Obj) bool {
	fn := f.s.fn(o.Func)
	return o.Kind == value.ObjFunc && fn != nil && fn.Class == ir.NoClass && len(fn.Params) > 0 && fn.Params[0].Name == "self"
}

// Threads, pools, task queues and schedulers are given a function, or its name, and what to pass to it.

// callback runs a function that a library is given.
func (f *frame) callback(c *models.Callback, recv *value.Value, args []arg, node ast.NodeID, r *value.Value) *value.Value {
	for _, fn := range f.selectArgs(c.Func, recv, args) {
		target := f.namedFunc(fn.v)
		if target == nil || len(target.Objs) == 0 {
			continue
		}
		was := f.dead
		r = join(r, f.call(target, f.handedOn(c, target, recv, args), node))
		f.dead = was
	}
	return r
}

// namedFunc is the function behind its dotted name, such as "shop.tasks.send"; other values are themselves.
func (f *frame) namedFunc(v *value.Value) *value.Value {
	name, ok := oneStr(v)
	if !ok {
		return v
	}
	i := strings.LastIndexByte(name, '.')
	if i <= 0 {
		return nil
	}
	m := f.s.prog.Module(name[:i])
	if m == nil {
		return nil
	}
	return f.s.moduleAttr(m, name[i+1:], f.fn.ID)
}

// handedOn are the arguments that a call passes to the function it is given.
func (f *frame) handedOn(c *models.Callback, target, recv *value.Value, args []arg) []arg {
	var pass []arg
	if len(target.Objs) == 1 && f.isBoundTask(&target.Objs[0]) {
		pass = append(pass, arg{v: value.Unknown})
	}
	for _, sel := range c.Args {
		pass = append(pass, f.selectArgs(sel, recv, args)...)
	}
	if c.Spread.Pos >= 0 || c.Spread.Name != "" {
		for _, a := range f.selectArgs(c.Spread, recv, args) {
			pass = f.spread(pass, a)
		}
	}
	if c.Kwargs.Pos >= 0 || c.Kwargs.Name != "" {
		for _, a := range f.selectArgs(c.Kwargs, recv, args) {
			pass = f.spreadNames(pass, a)
		}
	}
	if c.Rest >= 0 {
		pos := 0
		for _, a := range args {
			switch {
			case a.kind == ir.ArgPos:
				if pos >= c.Rest {
					pass = append(pass, a)
				}
				pos++
			case a.kind != ir.ArgKeyword || a.name != c.Func.Name && a.name != c.Spread.Name && a.name != c.Kwargs.Name:
				pass = append(pass, a)
			}
		}
	}
	return pass
}

// spread appends the elements of a tuple or list as positional arguments.
func (f *frame) spread(pass []arg, a arg) []arg {
	elems, ok := f.elements(a.v)
	if !ok {
		return append(pass, arg{kind: ir.ArgStar, v: a.v, node: a.node})
	}
	for _, e := range elems {
		pass = append(pass, arg{v: e, node: a.node})
	}
	return pass
}

// spreadNames appends the items of a dict as keyword arguments.
func (f *frame) spreadNames(pass []arg, a arg) []arg {
	if named := f.spreadDict(a.v, a.node); named != nil {
		return append(pass, named...)
	}
	return append(pass, arg{kind: ir.ArgStarStar, v: a.v, node: a.node})
}
