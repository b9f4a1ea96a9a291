package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
)

// innerDefault is the default value of a parameter of a function that another one makes, as that one knows it:
//
//	def shortened(path=path):
type innerDefault struct {
	fn   ir.FuncID
	name string
	v    *value.Value
}

// defaultFor is the default value of a parameter for a call in this function.
func (f *frame) defaultFor(id ir.FuncID, name string) *value.Value {
	for i := len(f.inner) - 1; i >= 0; i-- {
		if d := &f.inner[i]; d.fn == id && d.name == name {
			return d.v
		}
	}
	return f.s.defaultOf(id, name)
}
