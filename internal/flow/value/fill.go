package value

import "strings"

// paramOf names the parameter that a value is, nothing taken away and nothing put to it.
func paramOf(v *Value) ParamRef {
	if len(v.Objs) != 1 || v.AnyObj || v.IsConst || v.Str != nil {
		return ParamRef{}
	}
	if o := &v.Objs[0]; o.Kind == ObjParam && o.Path == "" && o.Recv == nil {
		return ParamRef{Func: o.Func, Index: o.Param + 1}
	}
	return ParamRef{}
}

// Fill puts the shapes of a call's arguments into the holes that are exactly a parameter, so that a rule sees the whole text
// where a helper adds to it:
//
//	def fetch(path):
//	    return requests.get(BASE + path)
//
//	fetch("/items/" + request.args["id"])
//
// arg gives nil for a parameter whose hole stays as it is.
func (s *Skeleton) Fill(arg func(ParamRef) *Value) *Skeleton {
	if s == nil {
		return nil
	}
	var b builder
	changed := false
	for i := range s.Parts {
		p := s.Parts[i]
		var a *Value
		if p.IsHole && p.Param != (ParamRef{}) && !p.IsNumber {
			a = arg(p.Param)
		}
		if a == nil {
			b.add(p)
			continue
		}
		changed = true
		for j, q := range SkeletonOf(a).Parts {
			if q.IsHole {
				q.NoSlash, q.NoClimb, q.Resets = q.NoSlash || p.NoSlash, q.NoClimb || p.NoClimb, q.Resets || p.Resets && j == 0
			} else if p.Resets && j == 0 && strings.HasPrefix(q.Lit, "/") {
				b.parts = nil // os.path.join(base, "/etc/…")
			}
			b.add(q)
		}
	}
	if !changed {
		return s
	}
	return b.done()
}

// WithText is v, which may be something else in the end, with the text that it has as far as is known.
func WithText(v *Value, s string) *Value {
	if v == nil || v.IsConst || v.Str != nil {
		return v
	}
	n := *v
	n.Str = literal(s)
	return &n
}
