package startup

import (
	"strings"

	"stopper/internal/python/ast"
)

func (in *Interp) compare(id ast.NodeID) Value {
	file := in.frame.mod.file
	left := in.nested(file.SlotA(id))
	words := file.ListB(id)
	out := yes
	for i := 0; i+1 < len(words); i += 2 {
		right := in.nested(ast.NodeID(words[i+1]))
		t := in.compareOne(ast.Op(words[i]), left, right)
		switch {
		case t == no || out == no:
			out = no
		case t == maybe || out == maybe:
			out = maybe
		case t == likelyNo || out == likelyNo:
			out = likelyNo
		case t == likelyYes:
			out = likelyYes
		}
		left = right
	}
	return out.value()
}

func (in *Interp) compareOne(op ast.Op, a, b Value) truth {
	switch op {
	case ast.Eq, ast.Is:
		return equalValues(a, b)
	case ast.NotEq, ast.IsNot:
		return equalValues(a, b).not()
	case ast.In, ast.NotIn:
		t := in.contains(b, a)
		if op == ast.NotIn {
			t = t.not()
		}
		return t
	}
	x, ok := a.(Int)
	y, ok2 := b.(Int)
	if !ok || !ok2 {
		return maybe
	}
	t := maybe
	switch op {
	case ast.Lt:
		t = of(x.N < y.N)
	case ast.LtE:
		t = of(x.N <= y.N)
	case ast.Gt:
		t = of(x.N > y.N)
	case ast.GtE:
		t = of(x.N >= y.N)
	}
	return softTruth(t, x.Soft || y.Soft)
}

func softTruth(t truth, soft bool) truth {
	if !soft {
		return t
	}
	switch t {
	case yes:
		return likelyYes
	case no:
		return likelyNo
	}
	return t
}

// equalValues compares constants and identities.
func equalValues(a, b Value) truth {
	ua, isUnion := a.(*Union)
	if isUnion {
		t := equalValues(ua.Alts[0], b)
		for _, x := range ua.Alts[1:] {
			if equalValues(x, b) != t {
				return maybe
			}
		}
		return t
	}
	if isUnknown(a) || isUnknown(b) {
		return maybe
	}
	if _, ok := b.(*Union); ok {
		return equalValues(b, a)
	}
	ka, oka := hashable(a)
	kb, okb := hashable(b)
	if !oka || !okb {
		return maybe
	}
	if ka == kb {
		return softTruth(yes, isSoft(a) || isSoft(b))
	}
	switch a.(type) {
	case *List, *Dict:
		switch b.(type) {
		case *List, *Dict:
			return maybe
		}
	}
	return softTruth(no, isSoft(a) || isSoft(b))
}

func (in *Interp) contains(box, v Value) truth {
	soft := isSoft(box) || isSoft(v)
	switch b := box.(type) {
	case Str:
		if s, ok := v.(Str); ok {
			return softTruth(of(strings.Contains(b.S, s.S)), soft)
		}
	case *List:
		in.charge(len(b.Elems))
		return in.among(b.Elems, b.Open, v, soft)
	case *Dict:
		in.charge(len(b.keys))
		return in.among(b.keys, b.Open, v, soft)
	}
	return maybe
}

func (in *Interp) among(elems []Value, open bool, v Value, soft bool) truth {
	out := no
	for _, e := range elems {
		switch equalValues(e, v) {
		case yes:
			return softTruth(yes, soft)
		case likelyYes:
			return likelyYes
		case maybe:
			out = maybe
		}
	}
	if open && out == no {
		return maybe
	}
	return softTruth(out, soft)
}
