package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// writtenTo is the attribute of a csv.writer that holds the file it writes to.
const writtenTo = "'file"

// writesRows passes the rows that a csv.writer is given on to its file:
//
//	out = io.StringIO(); csv.writer(out).writerow([name]); return out.getvalue()
func (f *frame) writesRows(e *models.Entry, recv *value.Value, args []arg, node ast.NodeID, r *value.Value) {
	if len(args) == 0 || !strings.HasPrefix(e.Path, "csv.") {
		return
	}
	switch e.Path {
	case "csv.writer", "csv.DictWriter":
		if k, ok := onlyKey(r); ok && args[0].kind == ir.ArgPos {
			f.heap.put(k, (&object{}).set(cell{kind: cellAttr, name: writtenTo, value: args[0].v, node: node}, false))
		}
	case "csv.Writer.writerow", "csv.Writer.writerows":
		k, ok := onlyKey(recv)
		if !ok {
			return
		}
		if o := f.object(k); o != nil {
			if c := o.find(cellAttr, writtenTo, ir.Const{}); c != nil {
				f.callMethod(c.value, "write", []arg{{v: derived(0, f.deep(args[0].v)), node: node}}, node)
			}
		}
	}
}

func onlyKey(v *value.Value) (objKey, bool) {
	if v == nil || len(v.Objs) != 1 || v.AnyObj {
		return objKey{}, false
	}
	return keyOf(&v.Objs[0])
}
