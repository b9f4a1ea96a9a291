package ast

import "fmt"

// CheckSpans verifies that every node lies in the file and in its parent. Two children lie outside by CPython's own
// spans: a decorator before its function or class, and a default behind its parameter.
func CheckSpans(f *File) error {
	size := uint32(len(f.Src.Text))
	var err error
	f.Walk(f.Root, func(id NodeID) bool {
		n := &f.Nodes[id]
		if err != nil {
			return false
		}
		if n.Start > n.End || n.End > size {
			err = fmt.Errorf("%s %d: span %d-%d in a file of %d bytes", n.Kind, id, n.Start, n.End, size)
			return false
		}
		outside := f.outside(id)
		f.Children(id, func(c NodeID) {
			k := &f.Nodes[c]
			if (k.Start < n.Start || k.End > n.End) && !contains(outside, uint32(c)) && err == nil {
				err = fmt.Errorf("%s %d-%d lies outside its parent %s %d-%d", k.Kind, k.Start, k.End, n.Kind, n.Start, n.End)
			}
		})
		return true
	})
	return err
}

func (f *File) outside(id NodeID) []uint32 {
	switch n := &f.Nodes[id]; n.Kind {
	case FunctionDef, AsyncFunctionDef, ClassDef:
		return f.Decorators(id)
	case Arg:
		return []uint32{n.C}
	}
	return nil
}

func contains(ids []uint32, id uint32) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}
