package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// state is what holds at the start of a block.
type state struct {
	vars    []*value.Value
	heap    heap
	reached bool
	visits  int
	raised  *value.Value // what a handler may have caught
	parts   [][]part     // by flag; nil where nothing is known, see parts.go
}

// frame is one run of one function.
type frame struct {
	s         *solver
	fn        *ir.Func
	info      *funcInfo
	env       uint32
	isCopy    bool           // a run for certain arguments
	isBrief   bool           // nobody asks what its returns say
	vars      []*value.Value // of the current block: variables, the names of info.extra, the slots of info.reads
	temps     []*value.Value
	trying    bool           // a condition is assumed to be true
	assuming  int            // how many are assumed, one because of the other
	assumed   int            // how many were, because of the first
	undo      []wasTemp      // what it said of temporary registers is taken back
	saved     []*value.Value // vars before a branch refined them
	parts     [][]part       // of the current block, by flag
	partWork  int            // variables that were joined for them
	heap      heap
	arrived   *arrivals // nil while no call brought anything in
	in        []state
	block     ir.BlockID
	dead      bool // the rest of the block is not reached
	record    bool // hits and events count: the states have settled
	instrs    int
	tentative int             // conditions that are looked at without being passed
	checks    bool            // something was put where an attribute is read again
	noted     []attrCheck     // what they say of attributes
	keeping   map[keeping]int // by object that is written for other requests: how deep it was met
	cells     int             // given to objects by calls
	labels    int             // that calls translated
	values    int             // that calls translated
	sum       *summary
	retHp     heap
	hasRet    bool
	events    map[ast.NodeID]*Event
	exit      []*value.Value // vars at returns, joined
	yields    *value.Value
	raised    *value.Value // what the handler that the block belongs to may have caught
	raises    *value.Value // what the block raises itself
	raiseHp   heap
	rounds    *rounds // while a loop is gone through round by round
	// deadCall: the last call never returns.
	deadCall bool
	// isHeld: an object that nobody has looked into needs the frame, see suspend.go.
	isHeld bool
	// injecting: decorators that pass parts of the request on, by the call that makes them.
	injecting map[ast.NodeID]injection
	// decorator: the running call applies a decorator to one function or class.
	decorator bool
	inner     []innerDefault
	filling   objKey // what the constructor that is being called fills
}

func newFrame(s *solver, fn *ir.Func, args []*value.Value, env uint32) *frame {
	info := s.funcs[fn.ID].info
	if info == nil {
		info = inspect(fn)
		s.funcs[fn.ID].info = info
	}
	nv := fn.NumVars + len(info.extra) + info.numReads
	f := s.frame()
	*f = frame{s: s, fn: fn, info: info, env: env, vars: s.scratch.take(nv),
		temps: s.scratch.take(fn.NumRegs - fn.NumVars), in: s.states.take(len(fn.Blocks)), sum: &summary{fn: fn, env: env}}
	f.heap.keys, f.retHp.keys = s.keys, s.keys
	for i := range fn.Params {
		f.vars[fn.Params[i].Reg] = f.param(i, args)
	}
	for slot := nv - info.numReads; slot < nv; slot++ {
		f.vars[slot] = f.unread(slot)
	}
	f.startItems()
	return f
}

// param is the start value of a parameter: symbolic, and what is known of it besides.
func (f *frame) param(i int, args []*value.Value) *value.Value {
	origin := value.Label{Origin: value.Origin{Kind: value.OriginParam, Func: f.fn.ID, Param: int32(i)}}
	obj := value.Obj{Kind: value.ObjParam, Func: f.fn.ID, Param: int32(i)}
	if args != nil && i < len(args) && args[i] != nil {
		if args[i].IsConst {
			return args[i] // steering constants carry no taint
		}
		v := value.AddLabels(args[i], []value.Label{origin})
		if isGenericInstance(args[i]) {
			v = f.s.join(v, value.OfObj(obj))
		}
		return v
	}
	if f.info.params == nil {
		f.info.params = make([]*value.Value, len(f.fn.Params))
	}
	if f.info.params[i] == nil {
		f.info.params[i] = f.symbolic(i, obj, origin)
	}
	return f.info.params[i]
}

// symbolic is what a parameter holds as far as the function alone can tell.
func (f *frame) symbolic(i int, obj value.Obj, origin value.Label) *value.Value {
	p := &f.fn.Params[i]
	if i == 0 && f.isMethod() {
		self := value.Obj{Kind: value.ObjInstance, Class: f.fn.Class}
		if f.info.isClassMethod {
			self.Kind = value.ObjClass
		}
		v := value.OfObjs([]value.Obj{self, obj})
		if f.s.builtOn(f.fn.Class) != "" {
			return value.AddLabels(v, []value.Label{origin}) // for its items, whichever they are
		}
		return v
	}
	v := value.OfSymbol(obj, origin)
	switch p.Kind {
	case ast.VarArgs:
		return value.WithType(v, "tuple")
	case ast.VarKeyword:
		return value.WithType(v, "dict")
	}
	if t := f.annotated(p.Annotation); t != nil {
		v = f.s.join(t, v)
	}
	if t := f.handedValue(i); t != nil {
		v = f.s.join(t, v)
	}
	return v
}

// isGenericInstance: an instance of a known class, whichever.
func isGenericInstance(v *value.Value) bool {
	return len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjInstance && v.Objs[0].Site == (value.Site{})
}

func (f *frame) isMethod() bool {
	return f.fn.Class != ir.NoClass && f.fn.Kind == ir.KindFunction && !f.info.isStatic
}
