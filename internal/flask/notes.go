package flask

import (
	"strings"

	"stopper/internal/startup"
)

// notesOf is the attribute under which stubs keep what a decorator says about a method until its class is registered.
const notesOf = "__notes__"

// noted adds a note to a view: @expose("/", methods=["POST"]). A view may have several.
func noted(in *startup.Interp, args startup.Args) startup.Value {
	if len(args.Pos) != 2 {
		return &startup.Unknown{}
	}
	f, ok := args.Pos[0].(*startup.Func)
	if !ok {
		return args.Pos[0]
	}
	l := &startup.List{}
	if old, isList := in.Attr(f, notesOf).(*startup.List); isList {
		l.Elems = append(l.Elems, old.Elems...)
	}
	l.Elems = append(l.Elems, args.Pos[1])
	in.SetAttr(f, notesOf, l)
	return f
}

// notes are the notes of a view, the decorators above them looked through.
func notes(in *startup.Interp, args startup.Args) startup.Value {
	if len(args.Pos) == 1 {
		if l, ok := in.Attr(args.Pos[0], notesOf).(*startup.List); ok {
			return l
		}
	}
	return &startup.List{}
}

// ownMethods are the pairs of name and method of a class and of its bases in the program, without those of stubs, class
// methods and properties.
func ownMethods(in *startup.Interp, args startup.Args) startup.Value {
	out := &startup.List{}
	c, ok := args.Pos[0].(*startup.Class)
	if !ok {
		return out
	}
	seen := map[string]bool{}
	for _, k := range c.Bases() {
		if _, own := in.ClassID(k); !own {
			continue
		}
		for _, name := range k.Names() {
			v := in.Lookup(c, name)
			inner, _ := startup.Innermost(v)
			f, isFunc := inner.(*startup.Func)
			if seen[name] || !isFunc || strings.HasPrefix(name, "__") {
				continue
			}
			seen[name] = true
			if m, decorated := v.(*startup.Func); decorated && !m.TakesInstance() {
				continue
			}
			if _, own := in.FuncID(f); own {
				out.Elems = append(out.Elems, &startup.List{Elems: []startup.Value{startup.Str{S: name}, v}})
			}
		}
	}
	return out
}

// methodView is the view of a class that does not inherit from MethodView and is treated as if it did.
func methodView(in *startup.Interp, args startup.Args) startup.Value {
	c, ok := args.Pos[0].(*startup.Class)
	if !ok {
		return &startup.Unknown{}
	}
	as, ok := in.Attr(in.External("flask.MethodView"), "as_view").(*startup.Func)
	if !ok {
		return &startup.Unknown{}
	}
	view := in.Call(as, startup.Args{Pos: args.Pos[1:]})
	in.SetAttr(view, "view_class", c)
	return view
}

// nameOf is the name of a class, also of one that only a library knows.
func nameOf(in *startup.Interp, args startup.Args) startup.Value {
	switch x := args.Pos[0].(type) {
	case *startup.Class:
		return in.Attr(x, "__name__")
	case *startup.Instance: // what stands in for a class
		if name, ok := in.Attr(x, "__name__").(startup.Str); ok {
			return name
		}
	case *startup.Unknown:
		if last := x.Last(); last != "" && !strings.ContainsAny(last, "?()[]") {
			return startup.Str{S: last}
		}
	}
	return &startup.Unknown{}
}
