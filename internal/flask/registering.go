package flask

import (
	"strings"

	"stopper/internal/startup"
)

// maxWrapped bounds the functions that one view is wrapped in.
const maxWrapped = 16

// registering are the functions that decorators of the program put around a view and registered in its place:
//
//	def register(url):
//	    def wrapper(view):
//	        @app.route(url)
//	        @wraps(view)
//	        def handler(**parts): …
//
// The view does not show what handler does before it calls it. Those that the decorator gave back are guards already.
func (b *builder) registering(view startup.Value) (out []Guard) {
	for range maxWrapped {
		f, ok := view.(*startup.Func)
		if !ok || f.Under == nil {
			return out
		}
		if id, known := b.in.FuncID(f); known && f.By == nil {
			mod, local := b.prog.Where(id)
			name, _, _ := strings.Cut(b.prog.QualName(id), ".<locals>")
			out = append(out, Guard{Name: mod.Name + "." + name, Func: id, HasFunc: true, Module: mod, Node: b.prog.Info(mod).Funcs[local].Node, Registers: true})
		}
		view = f.Under
	}
	return out
}
