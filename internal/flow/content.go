package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// A path and what lies in the file are two things. Where an upload was saved, the path is the program's and the content is not:
//
//	upload.save(path)
//	tree = etree.fromstring(open(path).read())
//
// The path then holds labels of the content that are cleared for everything, so that no sink of paths minds them. What reads the
// file takes them out again. Through calls, the content of a parameter's file is an attribute below the parameter.

// contentAttr is the attribute path of what the file at a path holds; no attribute of Python is written so.
const contentAttr = "'content"

// savedAttr is the attribute path of an upload that was saved: its content, on the path that it was saved at.
const savedAttr = "'saved"

// savedName is what people read of such a label.
const (
	savedName = "content of an uploaded file"
	heldName  = "path of an uploaded file"
)

// held marks a label as one of the content: the bit of no kind, beside all kinds.
const held = models.AllKinds | 1

// holds puts the labels of a content on the path that it is saved at, wherever a variable has that path.
func (f *frame) holds(path, content *value.Value) {
	if path == nil || content == nil || len(content.Taint) == 0 {
		return
	}
	labels := heldLabels(content.Taint)
	for i, w := range f.vars {
		if w == path {
			n := *w                                     // the shape of the path stays what it is
			room := max(0, value.MaxLabels-len(labels)) // the path may have come through many settings
			n.Taint = value.NormalizeLabels(append(labels[:len(labels):len(labels)], w.Taint[:min(room, len(w.Taint))]...))
			f.vars[i] = &n
		}
	}
}

// heldLabels are the labels of a content as the path holds them. Their origins are others than those of the upload itself, whose
// name may be part of the path.
func heldLabels(ls []value.Label) []value.Label {
	out := make([]value.Label, 0, len(ls))
	for _, l := range ls {
		l.Cleared = held
		switch {
		case l.Origin.Kind == value.OriginSource:
			l.Origin.Name = heldName
		case l.Origin.Name == "":
			l.Origin.Name = savedAttr
		default:
			l.Origin.Name += "." + savedAttr
		}
		out = append(out, l)
	}
	return value.NormalizeLabels(out)
}

// contentOf is what the file at a path holds; nil when nothing of it is known.
func (f *frame) contentOf(path *value.Value, node ast.NodeID) *value.Value {
	if path == nil {
		return nil
	}
	var out *value.Value
	for i := range path.Objs {
		if o := &path.Objs[i]; o.Kind == value.ObjParam {
			out = join(out, derived(0, f.paramAttr(o, contentAttr)))
		}
	}
	var labels []value.Label
	for _, l := range path.Taint {
		if l.Cleared&held == held {
			l.Cleared = 0
			if l.Origin.Kind == value.OriginSource {
				l.Origin.Name = savedName
			} else {
				l.Origin.Name = strings.TrimSuffix(strings.TrimSuffix(l.Origin.Name, savedAttr), ".")
			}
			labels = append(labels, l)
		}
	}
	if len(labels) > 0 {
		out = join(out, value.WithStep(value.Tainted("", labels...), f.fn.ID, node, ReadNote))
	}
	return out
}

// readsFile adds what a file holds to the result of a call that reads it.
func (f *frame) readsFile(e *models.Entry, recv *value.Value, args []arg, node ast.NodeID, r *value.Value) *value.Value {
	if !e.Contents {
		return r
	}
	for i := range e.Sinks {
		if e.Sinks[i].Kind != models.PathRead {
			continue
		}
		for _, a := range f.selectArgs(e.Sinks[i].Arg, recv, args) {
			if c := f.contentOf(a.v, node); c != nil && r != nil {
				r = value.AddLabels(r, c.Taint)
			}
			if name := fileName(a.v); name != "" && !isForWriting(args) {
				r = f.withFound(place{kind: models.FilePlace, name: name}, node, r)
			}
		}
	}
	return r
}

// fileKinds are the kinds of sinks that are about what a file holds, where they are given its path.
func fileKinds(k models.SinkKind) bool {
	return k == models.XML || k == models.Deserialize || k == models.Decompress || k == models.Archive
}

// opened remembers the path of an open file, where Python has it too.
func (f *frame) opened(r *value.Value, args []arg) {
	if r == nil || len(r.Objs) != 1 || len(args) == 0 || args[0].kind != ir.ArgPos || args[0].v == nil || len(args[0].v.Taint) == 0 && fileName(args[0].v) == "" {
		return
	}
	if k, ok := keyOf(&r.Objs[0]); ok && r.Objs[0].Path == "io.TextIOWrapper" {
		f.heap.put(k, f.heap.get(k).set(cell{kind: cellAttr, name: "name", value: args[0].v}, false))
	}
}

// chosenFile are the labels of the path that a file was opened at: who chooses it chooses what is loaded, even where nobody can
// write to it. Those of parameters are cleared for reading paths: what a caller checked of the path is not known here.
func (f *frame) chosenFile(v *value.Value, node ast.NodeID) []value.Label {
	var labels []value.Label
	for i := range v.Objs {
		k, ok := keyOf(&v.Objs[i])
		o := f.heap.get(k)
		if !ok || o == nil || v.Objs[i].Path != "io.TextIOWrapper" {
			continue
		}
		if c := o.find(cellAttr, "name", ir.Const{}); c != nil {
			for _, l := range value.WithStep(c.value, f.fn.ID, node, "the path of the file").Taint {
				switch {
				case l.Origin.Kind == value.OriginParam:
					l.Cleared = l.Cleared.With(models.PathRead)
					labels = append(labels, l)
				case l.Origin.Kind == value.OriginSource && !l.Cleared.Has(models.PathRead):
					labels = append(labels, l)
				}
			}
		}
	}
	return labels
}

// saves notes that a call writes an upload to a path: upload.save(path).
func (f *frame) saves(recv *value.Value, name string, args []arg) {
	if name == "save" && recv != nil && len(recv.Taint) > 0 && len(args) > 0 && args[0].kind == ir.ArgPos {
		f.holds(args[0].v, recv)
		if name := fileName(args[0].v); name != "" {
			f.keep(place{kind: models.FilePlace, name: name}, recv, args[0].node)
		}
	}
}

// savesUnder notes the same of the name below a folder that an upload is saved under: it is what a row keeps of it, and what is put
// below the folder again.
//
//	upload.save(os.path.join(FOLDER, name))
//	report.file = name
func (f *frame) savesUnder(in *ir.Instr, recv *value.Value, args []arg) {
	if in.Name != "save" || recv == nil || len(recv.Taint) == 0 || len(args) == 0 || args[0].kind != ir.ArgPos {
		return
	}
	reg := f.lastPart(f.fn.ArgsOf(in)[0].Reg)
	if reg < 0 || int(reg) >= f.fn.NumVars {
		return
	}
	if name := f.vars[reg]; name != nil && !name.IsConst {
		n := *name
		labels := heldLabels(recv.Taint)
		n.Taint = value.NormalizeLabels(append(labels, name.Taint[:min(max(0, value.MaxLabels-len(labels)), len(name.Taint))]...))
		f.vars[reg] = &n
	}
}

// lastPart is the variable that a path in a register ends in: name in os.path.join(FOLDER, name) and FOLDER / name.
func (f *frame) lastPart(reg ir.Reg) ir.Reg {
	def := f.info.def(reg)
	switch {
	case def == nil:
	case def.Op == ir.OpBinary && ast.Op(def.Sub) == ast.Div:
		return f.variable(def.B)
	case def.Op == ir.OpMethod && (def.Name == "join" || def.Name == "joinpath"):
		ops := f.fn.ArgsOf(def)
		if len(ops) > 0 && ops[len(ops)-1].Kind == ir.ArgPos {
			return f.variable(ops[len(ops)-1].Reg)
		}
	}
	return ir.NoReg
}

// ReadNote is the note of the step at which a value comes out of a file.
const ReadNote = "read from the file"

// IsContent reports whether the attribute path below a parameter leads into a file: a label of the file's content, not its name.
func IsContent(path string) bool { return strings.Contains(path, contentAttr) }
