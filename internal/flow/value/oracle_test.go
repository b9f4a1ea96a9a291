package value

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// expr is an expression for CPython, and what folding makes of it.
type expr struct {
	py  string
	got *Value
}

// checkOracle evaluates all expressions in one CPython. A fold that says nothing is fine; one that is wrong is not.
func checkOracle(t *testing.T, exprs []expr, minFolded float64) {
	t.Helper()
	py, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no CPython")
	}
	var in []string
	for _, e := range exprs {
		in = append(in, e.py)
	}
	data, _ := json.Marshal(in)
	cmd := exec.Command(py, "-c", `
import sys, json, os.path, urllib.parse, html, base64
out = []
for e in json.load(sys.stdin):
    try:
        out.append(repr(eval(e)))
    except Exception as x:
        out.append("!" + type(x).__name__)
json.dump(out, sys.stdout)`)
	cmd.Stdin = strings.NewReader(string(data))
	raw, err := cmd.Output()
	if err != nil {
		t.Skip(err)
	}
	var want []string
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	folded, fine := 0, 0
	for i, e := range exprs {
		if strings.HasPrefix(want[i], "!") {
			continue
		}
		fine++
		if e.got == nil || !e.got.IsConst {
			continue
		}
		folded++
		got, ok := reprOf(e.got.Consts()[0])
		if ok && got != want[i] {
			t.Errorf("%s = %s, folded to %s", e.py, want[i], got)
		}
	}
	t.Logf("%d expressions, %d without an error, %d folded", len(exprs), fine, folded)
	if float64(folded) < minFolded*float64(fine) {
		t.Errorf("only %d of %d folded", folded, fine)
	}
}

func repr(c ir.Const) string { s, _ := reprOf(c); return s }

func TestBinaryOracle(t *testing.T) {
	f := func(x float64) ir.Const { c, _ := floatConst(x); return c }
	cs := []ir.Const{intConst(0), intConst(1), intConst(-1), intConst(7), intConst(-7), intConst(3), intConst(62), intConst(1 << 40),
		boolConst(true), boolConst(false), f(0.5), f(-2), f(1e16), f(1e-5), f(0.1), strConst(""), strConst("a"), strConst("é'\""),
		strConst("%s!"), strConst("%5d|"), strConst("%%"), strConst("%x"), strConst("%.2f"), strConst("%-4s|"), strConst("%05d"),
		{Kind: ir.ConstBytes, Str: "b\x00"}, {}}
	ops := map[ast.Op]string{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.FloorDiv: "//", ast.Pow: "**",
		ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitAnd: "&", ast.BitXor: "^"}
	cmps := map[ast.Op]string{ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in", ast.NotIn: "not in"}
	var es []expr
	for _, a := range cs {
		for _, b := range cs {
			if a.Kind == ir.ConstInt && a.Int > 1000 && b.Kind == ir.ConstInt && b.Int > 1000 {
				continue
			}
			for op, s := range ops {
				if (op == ast.LShift || op == ast.Mult && (isText(a) || isText(b)) || op == ast.Pow) && max(a.Int, b.Int) > 1000 {
					continue
				}
				es = append(es, expr{fmt.Sprintf("(%s) %s (%s)", repr(a), s, repr(b)), Binary(op, Of(a), Of(b))})
			}
			for op, s := range cmps {
				es = append(es, expr{fmt.Sprintf("(%s) %s (%s)", repr(a), s, repr(b)), Compare(op, Of(a), Of(b))})
			}
		}
		es = append(es, expr{"-(" + repr(a) + ")", Unary(ast.USub, Of(a))}, expr{"~(" + repr(a) + ")", Unary(ast.Invert, Of(a))},
			expr{"not (" + repr(a) + ")", Unary(ast.Not, Of(a))})
		for _, fn := range []string{"int", "float", "bool", "len", "ord", "abs", "hex", "bin", "oct", "str", "repr", "chr"} {
			v, _ := Builtin(fn, []*Value{Of(a)}, nil)
			es = append(es, expr{fn + "(" + repr(a) + ")", v})
		}
	}
	checkOracle(t, es, 0.8)
}

func TestMethodOracle(t *testing.T) {
	texts := []string{"", "a", "Hello World", "  x y ", "a/b/c", "../x", "--a--", "ABC", "x1_y", "12", "éa", "a\nb\r\nc", "it's", "-5", "a,b,,c", "..."}
	noArg := []string{"upper", "lower", "title", "capitalize", "swapcase", "strip", "lstrip", "rstrip", "isdigit", "isalnum", "isalpha",
		"isspace", "isupper", "islower", "isidentifier", "isascii", "isprintable", "split", "splitlines", "casefold", "encode"}
	oneArg := []string{"strip", "lstrip", "rstrip", "startswith", "endswith", "find", "rfind", "index", "count", "split", "rsplit",
		"partition", "rpartition", "removeprefix", "removesuffix"}
	var es []expr
	call := func(s, m, py string, args ...*Value) {
		if v, ok := StrMethod(Str(s), m, args, nil); ok {
			es = append(es, expr{fmt.Sprintf("%s.%s(%s)", repr(strConst(s)), m, py), v})
		}
		if elems, _, ok := StrMethodList(Str(s), m, args, nil); ok {
			for i, e := range elems {
				if len(elems) == 3 || m != "partition" && m != "rpartition" {
					es = append(es, expr{fmt.Sprintf("%s.%s(%s)[%d]", repr(strConst(s)), m, py, i), e})
				}
			}
		}
	}
	for _, s := range texts {
		for _, m := range noArg {
			call(s, m, "")
		}
		for _, a := range []string{"a", "/", " ", "-", ".", "..", "", ","} {
			for _, m := range oneArg {
				call(s, m, repr(strConst(a)), Str(a))
			}
			call(s, "split", repr(strConst(a))+", 1", Str(a), Int(1))
			call(s, "rsplit", repr(strConst(a))+", 1", Str(a), Int(1))
			for _, b := range []string{"", "zz", "a"} {
				call(s, "replace", repr(strConst(a))+", "+repr(strConst(b)), Str(a), Str(b))
				call(s, "replace", repr(strConst(a))+", "+repr(strConst(b))+", 1", Str(a), Str(b), Int(1))
			}
		}
		for _, w := range []int64{0, 4, 5, 9} {
			for _, m := range []string{"center", "ljust", "rjust", "zfill"} {
				call(s, m, fmt.Sprint(w), Int(w))
			}
		}
		for _, lo := range []*Value{nil, Int(0), Int(1), Int(-2), Int(9), Int(-9)} {
			for _, hi := range []*Value{nil, Int(0), Int(2), Int(-1), Int(-9)} {
				for _, st := range []*Value{nil, Int(2), Int(-1), Int(-3)} {
					es = append(es, expr{fmt.Sprintf("%s[%s:%s:%s]", repr(strConst(s)), pyInt(lo), pyInt(hi), pyInt(st)), Slice(Str(s), lo, hi, st)})
				}
			}
		}
	}
	checkOracle(t, es, 0.9)
}

func pyInt(v *Value) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v.Consts()[0].Int)
}

func TestFormatOracle(t *testing.T) {
	x, y := []*Value{Int(42), Str("ab"), None(), Int(-7), Bool(true), Str("é")}, []string{"42", "'ab'", "None", "-7", "True", "'é'"}
	percent := []string{"%s-%s", "%d %s", "%5s|%-5s|", "%r%r", "%x%c", "%%%s %s", "%05d%s", "%+d,% d", "%.1s%s", "%(a)s", "%s", "%", "%y", "%*d%s", "%.3d%s", "%5.1f %s", "%i%o"}
	format := []string{"{} {}", "{0}{1}{0}", "{a}{b}", "{:>5}|{:<5}|", "{!r}{!s}", "{{}}{}", "{", "}", "{0:05}{1}", "{:d}{}", "{:^7}{}", "{:*^7}{}",
		"{0.real}", "{0[0]}", "{:x}{:b}", "{:,}{}", "{:+}{}", "{a!r:>6}", "{:{}}", "{0}{}", "{:5s}{}", "{:.1}{}", "{:_}{}", "{:=+5d}{}", "{:%}{}", "{0!s:>5}", "{!a}{}", "{:c}{}"}
	var es []expr
	for i := range x {
		for j := range x {
			for _, f := range percent {
				es = append(es, expr{fmt.Sprintf("%q %% (%s, %s)", f, y[i], y[j]), exactPercent(f, x[i], x[j])})
			}
			for _, f := range format {
				es = append(es, expr{fmt.Sprintf("%q.format(%s, %s, a=%s, b=%s)", f, y[i], y[j], y[i], y[j]),
					FormatMethod(Str(f), []*Value{x[i], x[j]}, map[string]*Value{"a": x[i], "b": x[j]})})
			}
		}
		for _, spec := range []string{"", "5", ">5", "d", "x", "05d", ",", "s", ".1", ".2f", "%", "e", "^8"} {
			es = append(es, expr{fmt.Sprintf("format(%s, %q)", y[i], spec), Format([]*Value{x[i]}, nil, []string{spec})})
		}
	}
	checkOracle(t, es, 0.6)
}

// exactPercent leaves out formats with fewer placeholders than arguments, which Python refuses and folding need not.
func exactPercent(f string, a, b *Value) *Value {
	ps, ok := parsePercent(f)
	n := 0
	for _, p := range ps {
		if p.conv != nil {
			n++
		}
	}
	if !ok || n != 2 || strings.Contains(f, "(") {
		return nil
	}
	return Percent(Str(f), []*Value{a, b}, nil)
}

func TestLibraryOracle(t *testing.T) {
	paths := []string{"", "/", "a", "a/", "/a/b.c", "a//b", "../a", "/..", "//a", "///a/./b/../c", ".bashrc", "a/.x.y", "a.tar.gz", "a/..", "..x", "."}
	var es []expr
	for _, p := range paths {
		for _, fn := range []string{"basename", "dirname", "normpath"} {
			v, _ := PureCall("os.path."+fn, []*Value{Str(p)}, nil)
			es = append(es, expr{fmt.Sprintf("os.path.%s(%q)", fn, p), v})
		}
		for _, fn := range []string{"splitext", "split"} {
			vs, _ := PureTuple("os.path."+fn, []*Value{Str(p)})
			for i, v := range vs {
				es = append(es, expr{fmt.Sprintf("os.path.%s(%q)[%d]", fn, p, i), v})
			}
		}
		for _, q := range paths {
			v, _ := PureCall("os.path.join", []*Value{Str(p), Str(q), Str("z")}, nil)
			es = append(es, expr{fmt.Sprintf("os.path.join(%q, %q, 'z')", p, q), v})
		}
	}
	for _, s := range []string{"a b/c", "é&<>'\"", "x%y+z~_.-", "//evil", "a=b?c#d"} {
		for _, fn := range []string{"urllib.parse.quote", "urllib.parse.quote_plus", "html.escape"} {
			v, _ := PureCall(fn, []*Value{Str(s)}, nil)
			es = append(es, expr{fmt.Sprintf("%s(%s)", fn, repr(strConst(s))), v})
		}
		v, _ := PureCall("base64.b64encode", []*Value{Of(ir.Const{Kind: ir.ConstBytes, Str: s})}, nil)
		es = append(es, expr{fmt.Sprintf("base64.b64encode(%s)", repr(ir.Const{Kind: ir.ConstBytes, Str: s})), v})
	}
	checkOracle(t, es, 0.95)
}
