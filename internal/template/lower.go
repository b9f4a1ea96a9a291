package template

import (
	"stopper/internal/htmlctx"
	"stopper/internal/ir"
	"stopper/internal/jinja"
	"stopper/internal/python/ast"
)

// lowerer writes one function.
type lowerer struct {
	set    *Set
	file   *file
	fn     *ir.Func
	b      *ir.Builder
	scope  *scope
	state  htmlctx.State
	escape ir.Escape
	// isForced: a filter around the expression escapes whatever it is.
	isForced bool
	// inFilter: the expression is what a filter is applied to that decides about its HTML.
	inFilter bool
	loops    []loop
	apart    bool // blocks have functions of their own
	// text is what the template has written so far, where the program does something with that: SQL. Else NoReg.
	text ir.Reg
	// shared are the files that are imported with context: their macros see the variables of this one.
	shared  map[*file]bool
	writing bool // an expression that is written to the page is being lowered
	asks    []Asked
}

// loop is where break and continue of a running loop lead.
type loop struct{ head, exit ir.BlockID }

// scope holds the names that a template binds. What no scope binds is a context variable: a parameter.
type scope struct {
	outer   *scope
	vars    map[string]ir.Reg
	own     *file              // in the outermost scope: the file whose macros are bound unless something hides them
	hidden  map[string]bool    // names of such macros that mean something else by now
	macros  map[string]unitKey // imported macros and, without part, whole templates imported under a name
	params  map[string]ir.Reg  // of the function, in the outermost scope
	unknown map[string]bool    // names that hold nothing of interest: loop, caller
}

func newScope(outer *scope) *scope {
	return &scope{outer: outer, vars: map[string]ir.Reg{}, macros: map[string]unitKey{}}
}

func lower(s *Set, k unitKey, fn *ir.Func) []Asked {
	s.prepare(k.file)
	l := &lowerer{set: s, file: k.file, fn: fn, state: k.state, escape: k.file.escape, scope: newScope(nil), text: ir.NoReg, b: s.builder()}
	defer s.release(l.b)
	l.scope.params = map[string]ir.Reg{}
	l.b.Reset(fn)
	if k.file.isSQL() {
		l.startText()
	}
	l.scope.own, l.scope.hidden = k.file, map[string]bool{}
	if k.part != nil {
		l.imports(k.file.tree.Root.Body)
	}
	switch {
	case k.part != nil && k.part.Kind == jinja.Macro:
		l.macro(k.part)
	case k.part != nil:
		l.apart = true
		l.stmts(k.part.Body)
	case k.file.extends == nil || k.bare:
		l.apart = k.bare
		l.stmts(k.file.tree.Root.Body)
	default:
		l.child()
	}
	if l.text != ir.NoReg && l.b.IsOpen() {
		l.b.Return(l.text, 0)
	}
	l.b.Finish()
	return l.asks
}

// child lowers a template that extends another.
func (l *lowerer) child() {
	l.setUp(l.file.tree.Root.Body)
	node := l.node(l.file.extends)
	chain := l.file.chain()
	if root := chain[len(chain)-1]; root != l.file {
		l.callTemplate(unitKey{file: root, bare: true}, node)
	}
	for _, name := range blockNames(chain) {
		for _, f := range chain {
			b := f.defines[name]
			if b == nil {
				continue
			}
			l.callTemplate(unitKey{file: f, part: b, state: l.file.blocks[name]}, node)
			if !callsSuper(b) {
				break
			}
		}
	}
}

// setUp runs what a template that extends another does before its parent: it binds names and writes nothing.
func (l *lowerer) setUp(list []*jinja.Node) {
	for _, n := range list {
		switch n.Kind {
		case jinja.Set, jinja.Import, jinja.FromImport, jinja.Do, jinja.SetBlock:
			l.stmt(n)
		case jinja.If, jinja.With:
			l.setUp(n.Body)
			l.setUp(n.Else)
		}
	}
}

// imports binds what the top level of the file imports: its macros and blocks see that.
func (l *lowerer) imports(list []*jinja.Node) {
	for _, n := range list {
		if n.Kind == jinja.Import || n.Kind == jinja.FromImport {
			l.stmt(n)
		}
	}
}

// macro declares the parameters of a macro and lowers its body.
func (l *lowerer) macro(m *jinja.Node) {
	for _, p := range m.Kids {
		l.param(p.Text, ast.PosOrKeyword, len(p.Kids) > 0)
	}
	l.param("varargs", ast.VarArgs, false)
	l.param("kwargs", ast.VarKeyword, false)
	l.unknown("caller")
	l.stmts(m.Body)
}

func (l *lowerer) param(name string, kind ast.ParamKind, hasDefault bool) ir.Reg {
	r := l.b.NewVar(name)
	l.fn.Params = append(l.fn.Params, ir.Param{Name: name, Kind: kind, Reg: r, HasDefault: hasDefault})
	top := l.scope
	for top.outer != nil {
		top = top.outer
	}
	top.params[name] = r
	return r
}

func (l *lowerer) unknown(name string) {
	if l.scope.unknown == nil {
		l.scope.unknown = map[string]bool{}
	}
	l.scope.unknown[name] = true
}

// node is the place of an instruction.
func (l *lowerer) node(n *jinja.Node) ast.NodeID { return ast.NodeID(n.ID) }

// nested lowers statements in a scope of their own.
func (l *lowerer) nested(list []*jinja.Node) {
	l.scope = newScope(l.scope)
	l.stmts(list)
	l.scope = l.scope.outer
}

func (l *lowerer) stmts(list []*jinja.Node) {
	for _, n := range list {
		l.stmt(n)
	}
}

func (l *lowerer) stmt(n *jinja.Node) {
	switch n.Kind {
	case jinja.Data:
		l.state = l.state.Text(n.Text)
		if l.text != ir.NoReg {
			l.say(l.b.Const(ir.Const{Kind: ir.ConstStr, Str: n.Text}, l.node(n)), n)
		}
	case jinja.Output, jinja.Print:
		for _, k := range n.Kids {
			l.write(k)
		}
	case jinja.Trans:
		l.trans(n)
	case jinja.Block:
		if l.apart {
			l.state = skim(n.Body, l.state, nil)
		} else {
			l.nested(n.Body)
		}
	case jinja.Include:
		l.include(n)
	case jinja.Import:
		if f := l.template(n.Kids[0]); f != nil {
			l.scope.macros[n.Text] = unitKey{file: f}
			l.share(n, f)
		} else {
			l.unknown(n.Text)
		}
	case jinja.FromImport:
		l.fromImport(n)
	case jinja.Set:
		l.assign(n.Kids[0], l.expr(n.Kids[1]))
	case jinja.SetBlock:
		saved, outer := l.state, l.text
		l.state = htmlctx.Start()
		if outer != ir.NoReg {
			l.startText()
		}
		l.nested(n.Body)
		inner := l.text
		l.state, l.text = saved, outer
		if inner == ir.NoReg {
			inner = l.b.NewVar("")
		}
		l.assign(n.Kids[0], inner)
	case jinja.Do:
		l.expr(n.Kids[0])
	case jinja.If:
		l.ifStmt(n)
	case jinja.For:
		l.forStmt(n)
	case jinja.With:
		l.with(n)
	case jinja.FilterTag:
		l.nested(n.Body)
	case jinja.CallBlock:
		l.callBlock(n)
	case jinja.Autoescape:
		l.autoescape(n)
	case jinja.Break, jinja.Continue:
		l.leaveLoop(n)
	}
}

func (l *lowerer) ifStmt(n *jinja.Node) {
	cond := l.expr(n.Kids[0])
	yes, no, after := l.b.NewBlock(), l.b.NewBlock(), l.b.NewBlock()
	start := l.state
	l.b.Branch(cond, yes, no, l.node(n.Kids[0]))
	l.b.StartBlock(yes)
	l.stmts(n.Body)
	l.jump(after, n)
	behind := l.state
	l.state = start
	l.b.StartBlock(no)
	l.stmts(n.Else)
	l.jump(after, n)
	l.state = htmlctx.Join(behind, l.state)
	l.b.StartBlock(after)
}

// jump ends a block unless a break or continue has.
func (l *lowerer) jump(to ir.BlockID, n *jinja.Node) {
	if l.b.IsOpen() {
		l.b.Jump(to, l.node(n))
	}
}

func (l *lowerer) forStmt(n *jinja.Node) {
	target, list, test := n.Kids[0], n.Kids[1], n.Kids[2]
	over := l.expr(list)
	start := l.state
	head, body, other, exit := l.b.NewBlock(), l.b.NewBlock(), l.b.NewBlock(), l.b.NewBlock()
	l.b.Jump(head, l.node(n))
	l.b.MarkLoopHead(head)
	l.b.StartBlock(head)
	l.b.Branch(ir.NoReg, body, other, l.node(list))
	l.b.StartBlock(body)
	l.scope = newScope(l.scope)
	l.unknown("loop")
	in := ir.Make(ir.OpIter, l.node(list))
	in.A = over
	l.assign(target, l.b.Value(in))
	if test != nil {
		inner := l.b.NewBlock()
		l.b.Branch(l.expr(test), inner, head, l.node(test))
		l.b.StartBlock(inner)
	}
	l.loops = append(l.loops, loop{head, exit})
	l.state = htmlctx.Join(start, skim(n.Body, start, nil))
	l.stmts(n.Body)
	l.loops = l.loops[:len(l.loops)-1]
	l.jump(head, n)
	l.scope = l.scope.outer
	once := l.state
	l.state = start
	l.b.StartBlock(other)
	l.stmts(n.Else)
	l.jump(exit, n)
	l.state = htmlctx.Join(once, l.state)
	l.b.StartBlock(exit)
}

func (l *lowerer) leaveLoop(n *jinja.Node) {
	if len(l.loops) == 0 || !l.b.IsOpen() {
		return
	}
	to := l.loops[len(l.loops)-1]
	if n.Kind == jinja.Break {
		l.b.Jump(to.exit, l.node(n))
	} else {
		l.b.Jump(to.head, l.node(n))
	}
	l.b.StartBlock(l.b.NewBlock()) // what follows cannot be reached
}

func (l *lowerer) with(n *jinja.Node) {
	values := make([]ir.Reg, 0, len(n.Kids)/2)
	for i := 1; i < len(n.Kids); i += 2 {
		values = append(values, l.expr(n.Kids[i]))
	}
	l.scope = newScope(l.scope)
	for i, v := range values {
		l.assign(n.Kids[2*i], v)
	}
	l.stmts(n.Body)
	l.scope = l.scope.outer
}

func (l *lowerer) autoescape(n *jinja.Node) {
	saved := l.escape
	switch k := n.Kids[0]; {
	case k.Kind != jinja.Bool && !l.isSwitchOfDjango(k):
		l.escape = ir.EscapeUnknown
	case k.Text == "true":
		l.escape = ir.EscapeOn
	case saved != ir.EscapeNone:
		l.escape = ir.EscapeOff
	}
	l.nested(n.Body)
	l.escape = saved
}

// isSwitchOfDjango: `{% autoescape on %}` is what Django understands. Jinja takes the word for a variable that nobody has set,
// so both words switch escaping off.
func (l *lowerer) isSwitchOfDjango(n *jinja.Node) bool {
	return n.Kind == jinja.Name && (n.Text == "on" || n.Text == "off") && l.isFree(n.Text)
}

// trans writes the variables of a translated text in its place.
func (l *lowerer) trans(n *jinja.Node) {
	l.scope = newScope(l.scope)
	for _, v := range n.Kids {
		l.declare(v.Text, l.expr(v.Kids[0]), l.node(v))
	}
	start := l.state
	l.stmts(n.Else)
	l.state = start
	l.stmts(n.Body)
	l.scope = l.scope.outer
}

// callBlock calls a macro that may write the body in turn. The body is lowered where it stands. What the macro passes to it is
// taken for something that it makes of its own arguments.
func (l *lowerer) callBlock(n *jinja.Node) {
	l.expr(n.Kids[0])
	_, after := l.state.Hole()
	l.scope = newScope(l.scope)
	if params := n.Kids[1:]; len(params) > 0 {
		in := ir.Make(ir.OpCall, l.node(n))
		in.A = l.imported(ir.Import{Module: "template filter", Name: "caller"}, l.node(n))
		if call := n.Kids[0]; call.Kind == jinja.Call {
			l.b.SetArgs(&in, l.args(call))
		}
		given := l.b.Value(in)
		for _, p := range params {
			l.declare(p.Text, given, l.node(p))
		}
	}
	l.stmts(n.Body)
	l.scope = l.scope.outer
	l.state = after
}

// write is {{ n }}.
func (l *lowerer) write(n *jinja.Node) {
	l.writing = true
	v := l.expr(n)
	l.writing = false
	l.say(v, n)
	place, after := l.state.Hole()
	l.state = after
	if isLiteral(n) || n.Kind == jinja.Filter && n.Text == "safe" {
		return // what safe is applied to was judged there
	}
	l.emit(v, n, ir.Emit{Place: place, Escape: l.escape})
}

func isLiteral(n *jinja.Node) bool { return n.Kind >= jinja.Str && n.Kind <= jinja.Null }

func (l *lowerer) emit(v ir.Reg, n *jinja.Node, e ir.Emit) {
	in := ir.Make(ir.OpEmit, l.node(n))
	in.A, in.Imm = v, uint32(len(l.fn.Emits))
	l.fn.Emits = append(l.fn.Emits, e)
	l.b.Emit(in)
}

// include calls another template with the context.
func (l *lowerer) include(n *jinja.Node) {
	for _, name := range l.set.names(l.file, n.Kids[0]) {
		if f := l.set.find(name, l.file.path); f != nil && f != l.file {
			l.callTemplate(unitKey{file: f, state: l.state}, l.node(n))
		}
	}
}

// template is the template that a constant expression names.
func (l *lowerer) template(n *jinja.Node) *file {
	for _, name := range l.set.names(l.file, n) {
		if f := l.set.find(name, l.file.path); f != nil {
			return f
		}
	}
	return nil
}

func (l *lowerer) fromImport(n *jinja.Node) {
	f := l.template(n.Kids[0])
	l.share(n, f)
	for _, name := range n.Kids[1:] {
		as := name.Text
		if len(name.Kids) > 0 {
			as = name.Kids[0].Text
		}
		if f != nil && f.macros[name.Text] != nil {
			l.scope.macros[as] = unitKey{file: f, part: f.macros[name.Text]}
		} else {
			l.unknown(as)
		}
	}
}

// share notes a file that is imported with context.
func (l *lowerer) share(n *jinja.Node, f *file) {
	if f == nil || n.Flag&jinja.FlagContext == 0 {
		return
	}
	if l.shared == nil {
		l.shared = map[*file]bool{}
	}
	l.shared[f] = true
}

// isShared: the macro is one of a file that is imported with context.
func (l *lowerer) isShared(u *unit) bool {
	for f := range l.shared {
		if f.mod == u.fn.Module {
			return true
		}
	}
	return false
}

// callTemplate passes each context variable that the other template reads.
func (l *lowerer) callTemplate(k unitKey, node ast.NodeID) {
	u := l.set.unit(k)
	if u == nil || !u.done {
		return // it includes itself, or there are too many
	}
	l.asks = ask(l.asks, u.asks...)
	args := l.context(u.fn, nil, node)
	l.append(l.callFunc(u, args, node), node)
}

// context are arguments for the parameters of a template's function that are not given yet.
func (l *lowerer) context(fn *ir.Func, given []ir.Arg, node ast.NodeID) []ir.Arg {
	for _, p := range fn.Params {
		if p.Kind == ast.KeywordOnly {
			given = append(given, ir.Arg{Kind: ir.ArgKeyword, Name: p.Name, Reg: l.read(p.Name, node), Node: node})
		}
	}
	return given
}

func (l *lowerer) callFunc(u *unit, args []ir.Arg, node ast.NodeID) ir.Reg {
	make := ir.Make(ir.OpFunc, node)
	make.Imm = uint32(u.id)
	in := ir.Make(ir.OpCall, node)
	in.A = l.b.Value(make)
	l.b.SetArgs(&in, args)
	return l.b.Value(in)
}
