package value

import "stopper/internal/ir"

// more is what few values have. Most values are objects and taint, and there are a million of them.
type more struct {
	consts []ir.Const
	env    *EnvRef
	from   *Derived
}

// Consts are the constants that the value may be, sorted, at most MaxConsts.
func (v *Value) Consts() []ir.Const {
	if v.more == nil {
		return nil
	}
	return v.more.consts
}

// Env is the environment variable that the value was read from, or nil.
func (v *Value) Env() *EnvRef {
	if v.more == nil {
		return nil
	}
	return v.more.env
}

// From says what the value was computed from, so that a check of it can speak about that as well; nil for nothing.
func (v *Value) From() *Derived {
	if v.more == nil {
		return nil
	}
	return v.more.from
}

// WithConsts returns a constant value with other constants.
func WithConsts(v *Value, cs []ir.Const) *Value {
	r := *v
	r.setConsts(cs)
	return &r
}

// WithFrom returns the value as one that was computed from another.
func WithFrom(v *Value, d Derived) *Value {
	r := *v
	r.setFrom(&d)
	return &r
}

// OfEnv is a value that was read from an environment variable, and what is known of it besides.
func OfEnv(v Value, env *EnvRef) *Value {
	v.setEnv(env)
	return &v
}

// The setters change a value that nobody else has seen yet.

func (v *Value) setConsts(cs []ir.Const) { m := v.rest(); m.consts = cs; v.more = m.kept(v.more, nil) }
func (v *Value) setEnv(env *EnvRef)      { m := v.rest(); m.env = env; v.more = m.kept(v.more, nil) }
func (v *Value) setFrom(d *Derived)      { m := v.rest(); m.from = d; v.more = m.kept(v.more, nil) }

func (v *Value) rest() more {
	if v.more == nil {
		return more{}
	}
	return *v.more
}

// kept puts m into memory of its own, unless it is empty or the same as what one of two values has.
func (m more) kept(a, b *more) *more {
	switch {
	case len(m.consts) == 0 && m.env == nil && m.from == nil:
		return nil
	case a != nil && m.isSame(a):
		return a
	case b != nil && m.isSame(b):
		return b
	}
	out := m // so that none is allocated for the others
	return &out
}

func (m *more) isSame(o *more) bool {
	return m.env == o.env && m.from == o.from && len(m.consts) == len(o.consts) && (len(m.consts) == 0 || &m.consts[0] == &o.consts[0])
}
