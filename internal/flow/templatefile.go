package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// A template that is loaded by its name is what lies in the file. Where a request put that there, the name is the program's own and
// the template is not:
//
//	upload.save(os.path.join(TEMPLATES, name))
//	report.file = name
//
//	env.get_template(report.file).render()    # another request

// templateFile records that the text of a template which is loaded by name comes from outside.
func (f *frame) templateFile(sk *models.Sink, path string, recv *value.Value, args []arg, a arg, node ast.NodeID) {
	if f.isSandbox(recv) {
		return
	}
	content := f.contentOf(a.v, a.node)
	for _, name := range constStrings(a.v) {
		if f.s.templates != nil {
			if _, ok := f.s.templates.Find(name, f.fn.Module.Source.Path); ok {
				continue // the repository has it; what is written elsewhere under the same name is something else
			}
		}
		if file := fileName(value.Str(name)); file != "" {
			content = join(content, f.found(place{kind: models.FilePlace, name: file}, a.node))
		}
	}
	if content == nil || len(content.Taint) == 0 {
		return
	}
	n := *sk
	n.Kind = models.Template
	frozen := f.freezeArgs(args)
	f.addHit(&Hit{Kind: models.Template, Sink: &n, Callee: path, Func: f.fn, Node: node, ArgNode: a.node, Value: content, Recv: recv, Args: &frozen, Labels: content.Taint, Marks: content.Marks})
}

// isSandbox: the environment keeps templates from running Python.
func (f *frame) isSandbox(recv *value.Value) bool {
	return recv != nil && slices.ContainsFunc(recv.Objs, func(o value.Obj) bool {
		return o.Kind == value.ObjLibrary && f.s.set.IsSubtype(o.Path, "jinja2.sandbox.SandboxedEnvironment")
	})
}
