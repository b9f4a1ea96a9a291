package flow

import (
	"slices"

	"stopper/internal/flow/value"
)

// maxDeep bounds the nesting of collections that deep looks into, maxDeepObjs how many it looks into.
const (
	maxDeep     = 6
	maxDeepObjs = 64
)

// deep is a value with the taint of everything that its collections hold. Instances are no collections: what stands in
// their attributes is read by name.
func (f *frame) deep(v *value.Value) *value.Value {
	if v == nil || len(v.Objs) == 0 {
		return v
	}
	d := f.s.collector
	if d == nil {
		d = &collector{}
	}
	f.s.collector = nil // looking into objects may come back here
	d.f, d.labels, d.seen = f, d.labels[:0], d.seen[:0]
	d.look(v, 0)
	if len(d.labels) > 0 {
		v = value.AddLabels(v, value.SortedLabels(d.labels))
	}
	f.s.collector = d
	return v
}

// collector gathers the labels of nested collections, each origin once. Its tables serve one value after another.
type collector struct {
	f      *frame
	labels []value.Label
	seen   []objKey
}

func (d *collector) look(v *value.Value, depth int) {
	for i := range v.Objs {
		o := &v.Objs[i]
		if o.Kind == value.ObjInstance && d.f.s.builtOn(o.Class) == "" || o.Kind == value.ObjClass {
			continue
		}
		k, ok := keyOf(o)
		if !ok || slices.Contains(d.seen, k) {
			continue
		}
		obj := d.f.object(k)
		if obj == nil || obj.size() == 0 && obj.star == nil {
			continue
		}
		if depth >= maxDeep || len(d.seen) >= maxDeepObjs {
			d.f.s.trip(d.f.fn, limitDeep)
			return
		}
		d.seen = append(d.seen, k)
		for _, e := range obj.elems {
			d.take(e, depth)
		}
		for j := range obj.cells {
			if obj.cells[j].kind == cellItem || o.Kind == value.ObjSite {
				d.take(obj.cells[j].value, depth)
			}
		}
		d.take(obj.star, depth)
	}
}

func (d *collector) take(v *value.Value, depth int) {
	if v == nil {
		return
	}
	for i := range v.Taint {
		if len(d.labels) >= 4*value.MaxLabels {
			return
		}
		if !d.has(&v.Taint[i]) {
			d.labels = append(d.labels, v.Taint[i])
		}
	}
	d.look(v, depth+1)
}

func (d *collector) has(l *value.Label) bool {
	for i := range d.labels {
		if k := &d.labels[i]; k.Cleared == l.Cleared && k.Origin == l.Origin {
			return true
		}
	}
	return false
}
