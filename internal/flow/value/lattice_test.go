package value

import (
	"testing"

	"stopper/internal/ir"
	"stopper/internal/models"

	"pgregory.net/rapid"
)

func genLabels(t *rapid.T) []Label {
	var out []Label
	for range rapid.IntRange(0, 3).Draw(t, "labels") {
		out = append(out, Label{
			Origin:  Origin{Kind: OriginKind(rapid.IntRange(0, 1).Draw(t, "kind")), Param: int32(rapid.IntRange(0, 8).Draw(t, "param"))},
			Cleared: models.KindSet(rapid.IntRange(0, 3).Draw(t, "cleared")) << 1,
			Marks:   Marks(rapid.IntRange(0, 3).Draw(t, "marks")),
		})
	}
	return NormalizeLabels(out)
}

func genSkeleton(t *rapid.T) *Skeleton {
	var b builder
	for range rapid.IntRange(0, 4).Draw(t, "parts") {
		if rapid.Bool().Draw(t, "hole") {
			b.add(Part{IsHole: true, Taint: genLabels(t), NoSlash: rapid.Bool().Draw(t, "noslash")})
		} else {
			b.lit(rapid.SampledFrom([]string{"a", "ab", "b/", "é", "ê"}).Draw(t, "lit"))
		}
	}
	return b.done()
}

func genValue(t *rapid.T) *Value {
	switch rapid.IntRange(0, 5).Draw(t, "shape") {
	case 0:
		return Unknown
	case 1:
		return OfObj(Obj{Kind: ObjFunc, Func: ir.FuncID(rapid.IntRange(0, 11).Draw(t, "func"))})
	case 2:
		s := genSkeleton(t)
		return textValue("str", s, partValues(s.Parts)...)
	case 3:
		return Tainted(rapid.SampledFrom([]string{"", "int", "str", "flask.Request"}).Draw(t, "type"), genLabels(t)...)
	case 4:
		v := *Unknown
		v.setEnv(&EnvRef{Name: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "env")})
		return &v
	}
	return Of(rapid.SampledFrom([]ir.Const{{}, intConst(1), intConst(2), intConst(3), intConst(4), strConst("ab"), strConst("ac"), strConst(""), boolConst(true)}).Draw(t, "const"))
}

func TestJoinLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := genValue(t), genValue(t), genValue(t)
		ab := Join(a, b)
		if !Equal(ab, Join(b, a)) {
			t.Fatalf("not commutative:\n%+v\n%+v", *ab, *Join(b, a))
		}
		if Join(ab, a) != ab || Join(ab, b) != ab {
			t.Fatalf("not idempotent, or not an upper bound: %+v", *ab)
		}
		// Which of two common shapes is kept may depend on the order; everything else does not.
		l, r := Join(ab, c), Join(a, Join(b, c))
		if !Equal(withoutShape(l), withoutShape(r)) {
			t.Fatalf("not associative:\n%+v %v\n%+v %v", *l, l.Str, *r, r.Str)
		}
		if !Leq(a, ab) || !Leq(c, l) || !Leq(a, r) {
			t.Fatal("not monotone")
		}
	})
}

func withoutShape(v *Value) *Value {
	w := *v
	w.Str = nil
	return &w
}

func TestWidenSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := genValue(t)
		changes := 0
		for range 60 {
			w := Widen(v, genValue(t))
			if w != v {
				changes++
			}
			v = w
		}
		if changes > 30 {
			t.Fatalf("%d changes", changes)
		}
	})
}

func TestJoinBounds(t *testing.T) {
	v := Int(0)
	for i := range int64(6) {
		v = Join(v, Int(i))
	}
	if v.IsConst || v.Type != "int" {
		t.Fatalf("%+v", *v)
	}
	v = None()
	for i := range ir.FuncID(12) {
		v = Join(v, OfObj(Obj{Kind: ObjFunc, Func: i}))
	}
	if len(v.Objs) != MaxObjs || !v.AnyObj {
		t.Fatalf("%+v", *v)
	}
}

func TestSteps(t *testing.T) {
	v := Tainted("str", Label{})
	for i := range 100 {
		v = WithStep(v, 1, 5, "a")
		v = WithStep(v, ir.FuncID(i), 7, "b")
	}
	if n := v.Taint[0].Trace.Len; n != maxTrace {
		t.Fatal(n)
	}
	if w := WithStep(v, 1, 9, ""); w != v {
		t.Fatal("a full trace allocates")
	}
}
