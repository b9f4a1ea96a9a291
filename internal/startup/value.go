package startup

import (
	"slices"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// Value is what an expression came to: one of the types below, never nil.
type Value any

// Unknown is a value that nobody can tell: something of a library, or of the world.
type Unknown struct {
	// Path is the dotted name where it comes from a library, such as "flask_login.login_required"; a call adds "()".
	Path string
	// Open: it came in through a parameter or a name that nothing binds, so that it may well be the application.
	Open bool
}

// Str, Bool, Int, Float and None are constants. Soft ones are what the environment's absence makes them: a condition on one is
// taken the way it says, and the other way is looked at too.
type (
	Str struct {
		S    string
		Soft bool
	}
	Bool struct{ B, Soft bool }
	Int  struct {
		N    int64
		Soft bool
	}
	Float struct {
		F    float64
		Soft bool
	}
	None struct{ Soft bool }
)

// List is a list, tuple or set.
type List struct {
	Elems []Value
	// Open: it may hold more than Elems.
	Open bool
	// born is the number of open branches where it was made: a branch that may not run takes nothing out of what was
	// there before it.
	born int
}

// Dict keeps the order of insertion. Keys are constants in the form of keyOf, or objects.
type Dict struct {
	keys  []Value
	vals  []Value
	index map[any]int
	Open  bool
	born  int // as of a List
}

// Guard is a decorator that a view went through.
type Guard struct {
	// Path is the decorator's dotted name; of one of the program, module and qualified name.
	Path   string
	Module *ir.Module
	Node   ast.NodeID
	// Func is the decorator of the program, valid if HasFunc.
	Func    ir.FuncID
	HasFunc bool
	// Args are those of `@requires("admin")`.
	Args Args
}

// Func is a function, method, lambda or builtin. Objects are shared: a decorator or binding makes a copy.
type Func struct {
	Mod    *Module
	Node   ast.NodeID
	Name   string
	env    *Env
	class  *Class // in whose body it stands
	self   Value  // bound to; nil otherwise
	pos    []Value
	kw     []Kw
	native Native

	isStatic, isClassMethod, isProperty bool
	hasDefaults                         bool // they were evaluated

	defaults map[ast.NodeID]Value
	attrs    *attrs
	// Under is what this function wraps, By the decorator that did it.
	Under Value
	By    *Guard
}

// TakesInstance tells a method, or a plain function, from a class method and from a property.
func (f *Func) TakesInstance() bool { return !f.isClassMethod && !f.isProperty }

// Class is a class statement, or one made by type().
type Class struct {
	Mod   *Module
	Node  ast.NodeID
	Name  string
	attrs *attrs
	mro   []Value // *Class or *Unknown, itself first
	// hasUnknown: a base is not known, so that a missing attribute may exist.
	hasUnknown bool
}

// Instance is an object of a class of the program or of a stub.
type Instance struct {
	Class *Class
	attrs *attrs
	Under Value
	By    *Guard
	// Made is where it was constructed.
	Made Place
}

// Module is a file that runs at most once.
type Module struct {
	IR    *ir.Module
	file  *ast.File
	Name  string
	isLib bool // a stub
	env   *Env
	state runState
}

type runState uint8

const (
	fresh runState = iota
	running
	done
)

// Union is one of several values.
type Union struct{ Alts []Value }

// method is a builtin method bound to a constant or collection.
type method struct {
	recv Value
	name string
}

// super is super() in a method.
type super struct {
	after *Class
	self  Value
}

// generator is a call of a generator function that has not run.
type generator struct {
	fn   *Func
	args Args
}

// lazy is an imported name that has not been looked up: imports in circles end well when nobody asks too early.
type lazy struct {
	mod  *Module
	name string
}

// Args are the arguments of a call.
type Args struct {
	Pos []Value
	Kw  []Kw
	// Open: there may be more, behind a star that could not be followed.
	Open bool
}

// Kw is one keyword argument.
type Kw struct {
	Name string
	V    Value
}

// Keyword finds a keyword argument.
func (a Args) Keyword(name string) (Value, bool) {
	for _, k := range a.Kw {
		if k.Name == name {
			return k.V, true
		}
	}
	return nil, false
}

// At is positional argument i, else keyword name.
func (a Args) At(i int, name string) (Value, bool) {
	if i >= 0 && i < len(a.Pos) {
		return a.Pos[i], true
	}
	if name == "" {
		return nil, false
	}
	return a.Keyword(name)
}

// Native is a function of the stubs that is written in Go.
type Native func(in *Interp, args Args) Value

// Place is a point of the program: a call in a function.
type Place struct {
	Module *ir.Module
	Func   ir.FuncID
	Node   ast.NodeID
	// Cond: whether the program comes there depends on something.
	Cond bool
}

// attrs is an ordered name space. Most hold a few names, so that a map is made for large ones only.
type attrs struct {
	order []string
	vals  []Value        // of the names in order
	at    map[string]int // places in order, once there are more than maxScanned
	born  int            // when it was made, see Interp.clock; 0 where that does not matter
}

// maxScanned is up to how many names are searched in order.
const maxScanned = 12

// gone stands where a name was unset.
type gone struct{}

func (a *attrs) find(name string) int {
	if a == nil {
		return -1
	}
	if a.at != nil {
		if i, ok := a.at[name]; ok {
			return i
		}
		return -1
	}
	return slices.Index(a.order, name)
}

func (a *attrs) get(name string) (Value, bool) {
	i := a.find(name)
	if i < 0 {
		return nil, false
	}
	if _, isGone := a.vals[i].(gone); isGone {
		return nil, false
	}
	return a.vals[i], true
}

func (a *attrs) set(name string, v Value) {
	if i := a.find(name); i >= 0 {
		a.vals[i] = v
		return
	}
	if a.order == nil {
		a.grow(minAttrs)
	}
	a.order, a.vals = append(a.order, name), append(a.vals, v)
	switch n := len(a.order); {
	case a.at != nil:
		a.at[name] = n - 1
	case n > maxScanned:
		a.at = make(map[string]int, 2*n)
		for i, name := range a.order {
			a.at[name] = i
		}
	}
}

// minAttrs is how many names a name space gets room for with the first.
const minAttrs = 3

// grow makes room for so many names in an empty name space.
func (a *attrs) grow(n int) { a.order, a.vals = make([]string, 0, n), make([]Value, 0, n) }

// unset keeps the place in order: a name that comes back stands where it stood.
func (a *attrs) unset(name string) {
	if i := a.find(name); i >= 0 {
		a.vals[i] = gone{}
	}
}

// Env is one scope.
type Env struct {
	vars   *attrs
	parent *Env
	mod    *Module
	// isClass: functions inside do not see it.
	isClass bool
	// elsewhere are the names declared global or nonlocal, with the scope they live in.
	elsewhere map[string]*Env
	stars     []*Module
}

func newEnv(mod *Module, parent *Env) *Env {
	e := &struct {
		Env
		own attrs
	}{Env: Env{mod: mod, parent: parent}}
	e.vars = &e.own
	return &e.Env
}

// maxUnion bounds the alternatives of one value, maxText the length of a text that is followed.
const (
	maxUnion = 8
	maxText  = 4096
	maxPath  = 200
)

var unknown = &Unknown{}

func library(path string) *Unknown {
	if len(path) > maxPath {
		return unknown
	}
	return &Unknown{Path: path}
}

// below is the unknown that an attribute or a call of an unknown gives.
func (u *Unknown) below(suffix string) *Unknown {
	if len(u.Path) > maxPath {
		return u
	}
	return &Unknown{Path: u.Path + suffix, Open: u.Open}
}

// Last is the last name of the path, calls left out.
func (u *Unknown) Last() string {
	p := strings.TrimSuffix(u.Path, "()")
	return p[strings.LastIndexByte(p, '.')+1:]
}

func isUnknown(v Value) bool {
	_, ok := v.(*Unknown)
	return ok || v == nil
}

// isSoft reports whether a value is a constant only as long as the environment says nothing.
func isSoft(v Value) bool {
	switch v := v.(type) {
	case Str:
		return v.Soft
	case Bool:
		return v.Soft
	case Int:
		return v.Soft
	case Float:
		return v.Soft
	case None:
		return v.Soft
	}
	return false
}

// Soften makes a constant one that the environment can change.
func Soften(v Value) Value { return soften(v) }

// soften makes a constant one that the environment can change.
func soften(v Value) Value {
	switch x := v.(type) {
	case Str:
		x.Soft = true
		return x
	case Bool:
		x.Soft = true
		return x
	case Int:
		x.Soft = true
		return x
	case Float:
		x.Soft = true
		return x
	case None:
		x.Soft = true
		return x
	}
	return v
}

func softIf(v Value, soft bool) Value {
	if soft {
		return soften(v)
	}
	return v
}

// same reports whether two values are one object or equal constants.
func same(a, b Value) bool {
	ka, oka := hashable(a)
	kb, okb := hashable(b)
	return oka && okb && ka == kb
}

// hashable is a comparable stand-in for a value: the constant without softness, or the pointer.
func hashable(v Value) (any, bool) {
	switch x := v.(type) {
	case Str:
		return x.S, true
	case Bool:
		return x.B, true
	case Int:
		return x.N, true
	case Float:
		return x.F, true
	case None:
		return None{}, true
	case *Unknown, *Union, nil:
		return nil, false
	case method, lazy:
		return nil, false
	}
	return v, true
}

// join is either of two values. What nobody can tell yields to what is known: a try that may have failed, a value set in
// one branch only.
func join(a, b Value) Value {
	switch {
	case a == nil || isUnknown(a) && b != nil:
		return b
	case b == nil || isUnknown(b):
		return a
	}
	out := &Union{}
	for _, v := range append(alternatives(a), alternatives(b)...) {
		known := false
		for _, o := range out.Alts {
			known = known || same(o, v)
		}
		if !known && len(out.Alts) < maxUnion {
			out.Alts = append(out.Alts, v)
		}
	}
	if len(out.Alts) == 1 {
		return out.Alts[0]
	}
	return out
}

// Alternatives are the values that a value may be.
func Alternatives(v Value) []Value { return alternatives(v) }

// Each applies fn to every alternative and joins the results.
func Each(v Value, fn func(Value) Value) Value { return each(v, fn) }

// Get finds the value of a key.
func (d *Dict) Get(k Value) (Value, bool) { return d.get(k) }

// alternatives are the values that a value may be.
func alternatives(v Value) []Value {
	if u, ok := v.(*Union); ok {
		return u.Alts
	}
	return []Value{v}
}

// each applies fn to every alternative and joins the results.
func each(v Value, fn func(Value) Value) Value {
	u, ok := v.(*Union)
	if !ok {
		return fn(v)
	}
	var out Value
	for _, a := range u.Alts {
		out = join(out, fn(a))
	}
	if out == nil {
		return unknown
	}
	return out
}

func newDict() *Dict { return &Dict{index: map[any]int{}} }

func (d *Dict) get(k Value) (Value, bool) {
	h, ok := hashable(k)
	if !ok {
		return nil, false
	}
	i, ok := d.index[h]
	if !ok {
		return nil, false
	}
	return d.vals[i], true
}

func (d *Dict) set(k, v Value) {
	h, ok := hashable(k)
	if !ok || len(d.keys) >= maxElems {
		d.Open = true
		return
	}
	if i, ok := d.index[h]; ok {
		d.vals[i] = v
		return
	}
	d.index[h] = len(d.keys)
	d.keys, d.vals = append(d.keys, k), append(d.vals, v)
}

func (d *Dict) remove(k Value) {
	h, ok := hashable(k)
	if !ok {
		return
	}
	i, ok := d.index[h]
	if !ok {
		return
	}
	n := newDict()
	n.Open, n.born = d.Open, d.born
	for j := range d.keys {
		if j != i {
			n.set(d.keys[j], d.vals[j])
		}
	}
	*d = *n
}

func (d *Dict) merge(o *Dict) {
	for i := range o.keys {
		d.set(o.keys[i], o.vals[i])
	}
	d.Open = d.Open || o.Open
}

// maxElems bounds one collection.
const maxElems = 4096

func (l *List) add(v Value) {
	if len(l.Elems) >= maxElems {
		l.Open = true
		return
	}
	l.Elems = append(l.Elems, v)
}
