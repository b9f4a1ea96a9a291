package value

// Hash is a number for tables of values: the same in every run for the same value, and cheap rather than exact. It says where the
// first and the last object and the first label come from.
func (v *Value) Hash() uint32 {
	h := mixer(uint32(len(v.Objs))<<8 | uint32(len(v.Taint)))
	h.mix(uint32(v.Marks), uint32(v.Facts), uint32(len(v.Type)))
	if n := len(v.Objs); n > 0 {
		h.object(&v.Objs[0])
		if n > 1 {
			h.object(&v.Objs[n-1])
		}
	}
	if len(v.Taint) > 0 {
		o := &v.Taint[0].Origin
		h.mix(uint32(o.Kind), uint32(o.Func), uint32(o.Param), uint32(o.Node))
		h.text(o.Name)
	}
	return uint32(h) ^ uint32(h)>>15
}

type mixer uint32

func (h *mixer) mix(words ...uint32) {
	for _, w := range words {
		*h = (*h ^ mixer(w)) * 16777619
	}
}

func (h *mixer) object(o *Obj) {
	h.mix(uint32(o.Kind), uint32(o.Func), uint32(o.Class), uint32(o.Param), uint32(o.Site.Func), uint32(o.Site.Node), o.Site.Context)
	h.text(o.Path)
	h.text(o.Name)
}

// text mixes in how long a text is and what it ends with: names of one function differ there.
func (h *mixer) text(s string) {
	h.mix(uint32(len(s)))
	for i := max(0, len(s)-4); i < len(s); i++ {
		h.mix(uint32(s[i]))
	}
}
