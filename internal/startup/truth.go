package startup

// truth is what a condition on a value comes to.
type truth uint8

const (
	maybe truth = iota
	yes
	no
	// likelyYes and likelyNo hold unless the environment says otherwise.
	likelyYes
	likelyNo
)

func truthOf(v Value) truth {
	t, soft := maybe, false
	switch x := v.(type) {
	case Str:
		t, soft = of(x.S != ""), x.Soft
	case Bool:
		t, soft = of(x.B), x.Soft
	case Int:
		t, soft = of(x.N != 0), x.Soft
	case Float:
		t, soft = of(x.F != 0), x.Soft
	case None:
		t, soft = no, x.Soft
	case *List:
		if len(x.Elems) > 0 || !x.Open {
			t = of(len(x.Elems) > 0)
		}
	case *Dict:
		if len(x.keys) > 0 || !x.Open {
			t = of(len(x.keys) > 0)
		}
	case *Func, *Class, *Module:
		t = yes
	case *Instance:
		if !x.Class.hasUnknown {
			t = yes
		}
	case *Union:
		t = truthOf(x.Alts[0])
		for _, a := range x.Alts[1:] {
			if truthOf(a) != t {
				return maybe
			}
		}
		return t
	}
	if soft && t == yes {
		return likelyYes
	}
	if soft && t == no {
		return likelyNo
	}
	return t
}

func of(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) not() truth {
	switch t {
	case yes:
		return no
	case no:
		return yes
	case likelyYes:
		return likelyNo
	case likelyNo:
		return likelyYes
	}
	return maybe
}

// value is the Python value of a truth.
func (t truth) value() Value {
	switch t {
	case yes:
		return Bool{B: true}
	case no:
		return Bool{}
	case likelyYes:
		return Bool{B: true, Soft: true}
	case likelyNo:
		return Bool{Soft: true}
	}
	return unknown
}
