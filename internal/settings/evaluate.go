// Package settings computes what the expressions of a configuration come to, and reads configuration that is not a module
// of the program: the Python text, TOML or JSON that from_pyfile and from_file load.
//
// In: a tree and what the environment holds. Out: plain values with the variables they were read from. Nothing is run:
// constants, the usual casts of environment variables, and the operators of settings files are known; all else is unknown.
package settings

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"stopper/internal/python/ast"
)

// Value is what an expression of a configuration comes to: nil, bool, int64, string, []any or time.Duration.
type Value = any

// Result of evaluating an expression.
type Result struct {
	Value Value
	Known bool
	// Env are the environment variables that the expression reads, as far as evaluation came.
	Env []EnvUse
}

// EnvUse is one read of an environment variable.
type EnvUse struct {
	Name string
	// IsSet: the deployment files give it a value. Otherwise the default counts, if there is one.
	IsSet      bool
	HasDefault bool
}

// maxEvaluate bounds the nesting of an expression that is evaluated.
const maxEvaluate = 40

// Evaluate computes an expression as far as constants, the environment and the usual casts go. It runs nothing.
// Lookup resolves names; it may be nil.
func Evaluate(file *ast.File, node ast.NodeID, getenv func(string) (string, bool), lookup func(name string) (Value, bool)) Result {
	e := &evaluator{file: file, getenv: getenv, lookup: lookup}
	v, ok := e.expr(node, 0)
	return Result{Value: v, Known: ok, Env: e.env}
}

type evaluator struct {
	file   *ast.File
	getenv func(string) (string, bool)
	lookup func(string) (Value, bool)
	env    []EnvUse

	readers      readers
	readersKnown bool
}

func (e *evaluator) expr(n ast.NodeID, depth int) (Value, bool) {
	if n == 0 || depth > maxEvaluate {
		return nil, false
	}
	f := e.file
	switch f.Kind(n) {
	case ast.Constant:
		return e.constant(n)
	case ast.Name:
		if e.lookup != nil {
			return e.lookup(f.IdentOf(n))
		}
	case ast.List, ast.Tuple, ast.Set:
		var out []any
		for _, x := range f.ListA(n) {
			v, ok := e.expr(ast.NodeID(x), depth+1)
			if !ok {
				return nil, false
			}
			out = append(out, v)
		}
		return out, true
	case ast.UnaryOp:
		v, ok := e.expr(f.SlotA(n), depth+1)
		switch op := ast.Op(f.Node(n).Op); {
		case !ok:
		case op == ast.Not:
			return !truth(v), true
		case op == ast.USub:
			if i, isInt := v.(int64); isInt {
				return -i, true
			}
		}
	case ast.BoolOp:
		return e.boolOp(n, depth)
	case ast.IfExp:
		test, ok := e.expr(f.SlotA(n), depth+1)
		if !ok {
			return nil, false
		}
		if truth(test) {
			return e.expr(f.SlotB(n), depth+1)
		}
		return e.expr(f.SlotC(n), depth+1)
	case ast.Compare:
		return e.compare(n, depth)
	case ast.BinOp:
		a, okA := e.expr(f.SlotA(n), depth+1)
		b, okB := e.expr(f.SlotB(n), depth+1)
		if okA && okB {
			return binary(ast.Op(f.Node(n).Op), a, b)
		}
	case ast.Subscript:
		if isEnviron(f, f.SlotA(n)) {
			if name, ok := f.Str(f.SlotB(n)); ok {
				return e.variable(name, 0, depth)
			}
		}
	case ast.Call:
		return e.call(n, depth)
	}
	return nil, false
}

func (e *evaluator) constant(n ast.NodeID) (Value, bool) {
	switch e.file.ConstKindOf(n) {
	case ast.ConstNone:
		return nil, true
	case ast.ConstTrue:
		return true, true
	case ast.ConstFalse:
		return false, true
	case ast.ConstStr, ast.ConstBytes:
		s, ok := e.file.Str(n)
		return s, ok
	case ast.ConstInt:
		i, err := strconv.ParseInt(strings.ReplaceAll(e.file.Text(n), "_", ""), 0, 64)
		return i, err == nil
	case ast.ConstFloat:
		x, err := strconv.ParseFloat(strings.ReplaceAll(e.file.Text(n), "_", ""), 64)
		return int64(x), err == nil && x < 1e15 && x > -1e15
	}
	return nil, false
}

// boolOp: the value of `a or b` is that of the operand that decides.
func (e *evaluator) boolOp(n ast.NodeID, depth int) (Value, bool) {
	isOr := ast.Op(e.file.Node(n).Op) == ast.Or
	var v Value
	for _, x := range e.file.ListA(n) {
		var ok bool
		if v, ok = e.expr(ast.NodeID(x), depth+1); !ok {
			return nil, false
		}
		if truth(v) == isOr {
			return v, true
		}
	}
	return v, true
}

func (e *evaluator) compare(n ast.NodeID, depth int) (Value, bool) {
	words := e.file.ListB(n)
	if len(words) != 2 {
		return nil, false
	}
	a, okA := e.expr(e.file.SlotA(n), depth+1)
	b, okB := e.expr(ast.NodeID(words[1]), depth+1)
	if !okA || !okB {
		return nil, false
	}
	switch ast.Op(words[0]) {
	case ast.Eq, ast.Is:
		return equal(a, b), true
	case ast.NotEq, ast.IsNot:
		return !equal(a, b), true
	case ast.In, ast.NotIn:
		list, ok := b.([]any)
		if !ok {
			return nil, false
		}
		return slices.ContainsFunc(list, func(x any) bool { return equal(x, a) }) == (ast.Op(words[0]) == ast.In), true
	}
	return nil, false
}

func equal(a, b Value) bool {
	switch a.(type) {
	case nil, bool, int64, string, time.Duration:
		switch b.(type) {
		case nil, bool, int64, string, time.Duration:
			return a == b
		}
	}
	return false
}

func truth(v Value) bool {
	switch x := v.(type) {
	case bool:
		return x
	case int64:
		return x != 0
	case string:
		return x != ""
	case []any:
		return len(x) > 0
	case time.Duration:
		return x != 0
	}
	return false
}

// maxNumber keeps products of numbers in range.
const maxNumber = 1 << 40

func binary(op ast.Op, a, b Value) (Value, bool) {
	if x, ok := a.(int64); ok {
		if y, ok := b.(int64); ok && x < maxNumber && y < maxNumber && x > -maxNumber && y > -maxNumber {
			switch op {
			case ast.Add:
				return x + y, true
			case ast.Sub:
				return x - y, true
			case ast.Mult:
				if x < 1<<31 && y < 1<<31 || x <= 1024 || y <= 1024 {
					return x * y, true
				}
			case ast.Pow:
				return power(x, y)
			case ast.LShift:
				if y >= 0 && y < 40 && x < 1<<20 {
					return x << y, true
				}
			}
		}
		return nil, false
	}
	if x, ok := a.(string); ok && op == ast.Add {
		if y, ok := b.(string); ok && len(x)+len(y) < 4096 {
			return x + y, true
		}
	}
	return nil, false
}

func power(x, y int64) (Value, bool) {
	r := int64(1)
	for ; y > 0 && r < maxNumber; y-- {
		r *= x
		if x < 0 || x > 1<<20 {
			return nil, false
		}
	}
	return r, y == 0
}

// isEnviron recognises os.environ and environ.
func isEnviron(f *ast.File, n ast.NodeID) bool {
	return f.IdentOf(n) == "environ" && (f.Kind(n) == ast.Name || f.Kind(n) == ast.Attribute)
}

// variable is a read of the environment: the value there, else the default.
func (e *evaluator) variable(name string, def ast.NodeID, depth int) (Value, bool) {
	use := EnvUse{Name: name, HasDefault: def != 0}
	if s, ok := e.getenv(name); ok {
		use.IsSet = true
		e.env = append(e.env, use)
		return s, true
	}
	e.env = append(e.env, use)
	if def == 0 {
		return nil, false
	}
	return e.expr(def, depth+1)
}

// args are the positional arguments of a call, and a keyword's value by name.
func (e *evaluator) args(n ast.NodeID) (pos []ast.NodeID, kw map[string]ast.NodeID) {
	kw = map[string]ast.NodeID{}
	for _, a := range e.file.ListB(n) {
		id := ast.NodeID(a)
		switch e.file.Kind(id) {
		case ast.Keyword:
			kw[e.file.IdentOf(id)] = e.file.SlotB(id)
		case ast.Starred:
		default:
			pos = append(pos, id)
		}
	}
	return pos, kw
}

func (e *evaluator) call(n ast.NodeID, depth int) (Value, bool) {
	f, fn := e.file, e.file.SlotA(n)
	pos, kw := e.args(n)
	name := f.IdentOf(fn)
	def := kw["default"]
	if len(pos) > 1 {
		def = pos[1]
	}
	if key, ok := e.text(pos); ok {
		switch {
		case name == "getenv", name == "get" && f.Kind(fn) == ast.Attribute && isEnviron(f, f.SlotA(fn)):
			if def == 0 {
				return e.getOrNone(key)
			}
			return e.variable(key, def, depth)
		case e.isReader(fn):
			return e.reader(prefixOf(f, n)+key, name, def, kw["cast"], depth)
		}
	}
	if f.Kind(fn) == ast.Attribute && (name == "lower" || name == "upper" || name == "strip" || name == "split") {
		recv, ok := e.expr(f.SlotA(fn), depth+1)
		s, isStr := recv.(string)
		if !ok || !isStr {
			return nil, false
		}
		return e.strMethod(s, name, pos)
	}
	return e.cast(name, pos, kw, depth)
}

func (e *evaluator) text(pos []ast.NodeID) (string, bool) {
	if len(pos) == 0 {
		return "", false
	}
	return e.file.Str(pos[0])
}

// getOrNone: a variable without a default that nothing sets is None.
func (e *evaluator) getOrNone(name string) (Value, bool) {
	s, ok := e.getenv(name)
	e.env = append(e.env, EnvUse{Name: name, IsSet: ok})
	if !ok {
		return nil, false
	}
	return s, true
}

// reader is a variable that environs or decouple read, as the type that is asked for.
func (e *evaluator) reader(key, method string, def, cast ast.NodeID, depth int) (Value, bool) {
	v, ok := e.variable(key, def, depth)
	if !ok {
		return nil, false
	}
	s, isStr := v.(string)
	if e.file.Kind(cast) == ast.Call { // Csv()
		cast = e.file.SlotA(cast)
	}
	if cast != 0 {
		method = e.file.IdentOf(cast)
	}
	if !isStr {
		return v, true
	}
	switch method {
	case "bool":
		return parseBool(s), true
	case "int":
		i, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
		return i, err == nil
	case "list", "Csv":
		return split(s, ","), true
	}
	return s, true
}

func parseBool(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "1", "true", "yes", "on", "y", "t":
		return true
	}
	return false
}

func split(s, sep string) []any {
	var out []any
	for _, p := range strings.Split(s, sep) {
		out = append(out, p)
	}
	return out
}

func (e *evaluator) strMethod(s, name string, pos []ast.NodeID) (Value, bool) {
	switch name {
	case "lower":
		return strings.ToLower(s), true
	case "upper":
		return strings.ToUpper(s), true
	case "strip":
		return strings.TrimSpace(s), len(pos) == 0
	case "split":
		if sep, ok := e.text(pos); ok && sep != "" {
			return split(s, sep), true
		}
	}
	return nil, false
}

// cast: int(x), bool(x), str(x), timedelta(days=x), and helpers whose name says that they read a switch.
func (e *evaluator) cast(name string, pos []ast.NodeID, kw map[string]ast.NodeID, depth int) (Value, bool) {
	if name == "timedelta" {
		return e.timedelta(pos, kw, depth)
	}
	if len(pos) != 1 {
		return nil, false
	}
	v, ok := e.expr(pos[0], depth+1)
	if !ok {
		return nil, false
	}
	switch l := strings.ToLower(name); {
	case l == "int":
		switch x := v.(type) {
		case string:
			i, err := strconv.ParseInt(strings.TrimSpace(x), 10, 64)
			return i, err == nil
		case bool:
			if x {
				return int64(1), true
			}
			return int64(0), true
		}
		return v, true
	case l == "bool":
		return truth(v), true
	case l == "str":
		if s, isStr := v.(string); isStr {
			return s, true
		}
	case strings.Contains(l, "bool"): // strtobool, parse_bool, str2bool
		if _, isKey := e.file.Str(pos[0]); isKey {
			return nil, false // getboolean("KEY") looks something up
		}
		if s, isStr := v.(string); isStr {
			return parseBool(s), true
		}
		return truth(v), true
	}
	return nil, false
}

func (e *evaluator) timedelta(pos []ast.NodeID, kw map[string]ast.NodeID, depth int) (Value, bool) {
	units := map[string]time.Duration{"weeks": 7 * 24 * time.Hour, "days": 24 * time.Hour, "hours": time.Hour, "minutes": time.Minute, "seconds": time.Second}
	if len(pos) > 0 {
		kw["days"] = pos[0]
	}
	total := time.Duration(0)
	for _, name := range slices.Sorted(maps.Keys(kw)) {
		v, ok := e.expr(kw[name], depth+1)
		i, isInt := v.(int64)
		unit := units[name]
		if !ok || !isInt || unit == 0 {
			return nil, false
		}
		if i > int64(maxLifetime/unit) {
			return maxLifetime, true
		}
		total += time.Duration(i) * unit
	}
	return total, true
}

// maxLifetime is about a century: all that is longer is as long.
const maxLifetime = 100 * 365 * 24 * time.Hour
