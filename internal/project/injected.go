package project

import (
	"slices"
	"strings"

	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// injected lists the functions that a decorator calls with parts of the request, or that a socket calls with a message, and
// what to call those parameters:
//
//	@use_args({"text": fields.Str()})          @socketio.on("say")
//	def search(args): …                        def say(message): …
func injected(events []flow.Event) map[ir.FuncID]string {
	out := map[ir.FuncID]string{}
	for i := range events {
		if e := &events[i]; e.HasDecorates {
			if name := injects(e.Callee); name != "" {
				out[e.Decorates] = name
			}
		}
	}
	return out
}

func injects(callee string) string {
	switch {
	case callee == "webargs.flaskparser.Decorator.__call__",
		callee == "flask_smorest.Blueprint.arguments",
		strings.HasPrefix(callee, "apiflask.") && strings.HasSuffix(callee, ".input"),
		callee == "flask_apispec.use_kwargs":
		return "parsed request arguments"
	case callee == "flask_socketio.SocketIO.on", callee == "flask_socketio.SocketIO.event":
		return "the socket message"
	}
	return ""
}

// otherEntries are the functions among them that no route leads to.
func (p *Project) otherEntries() []ir.FuncID {
	var ids []ir.FuncID
	for id := range p.injected {
		if len(p.Flask.ByHandler[id]) == 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// fillsFromRequest reports whether a decorator fills a parameter of a function: any but those that the URL fills.
func (p *Project) fillsFromRequest(id ir.FuncID, param int) (name string, ok bool) {
	if name, ok = p.injected[id]; !ok {
		return "", false
	}
	own := p.paramName(id, param)
	if own == "" || param == 0 && (own == "self" || own == "cls") {
		return "", false
	}
	for _, i := range p.Flask.ByHandler[id] {
		if _, isURL := p.Flask.Routes[i].Params[own]; isURL {
			return "", false
		}
	}
	return name, !p.isParsed(id, own) && !p.isUndeclared(id, own)
}

// isUndeclared: the decorator hands on the fields that it lists, and the parameter is none of them; another decorator fills it.
//
//	@use_kwargs({"url": fields.Url()})
//	@signin_required()
//	def launch(user, url): …
func (p *Project) isUndeclared(id ir.FuncID, param string) bool {
	fn := p.Flow.Func(id)
	if fn == nil || fn.Module.File == nil {
		return false
	}
	f, lists := fn.Module.File, false
	for _, w := range f.Decorators(fn.Node) {
		call := ast.NodeID(w)
		if f.Kind(call) != ast.Call || len(f.ListB(call)) == 0 || f.IdentOf(f.SlotA(call)) != "use_kwargs" {
			continue
		}
		fields := ast.NodeID(f.ListB(call)[0])
		if f.Kind(fields) != ast.Dict || strings.Contains(f.Text(f.KeywordArg(call, "unknown")), "INCLUDE") {
			return false
		}
		for items := f.ListA(fields); len(items) > 1; items = items[2:] {
			if key, ok := f.Str(ast.NodeID(items[0])); !ok || key == param {
				return false
			}
		}
		lists = true
	}
	return lists
}

// isParsed: the decorator makes a number, a date or one of a few words of a field before the function has it:
//
//	@use_kwargs({"page": fields.Integer()})
func (p *Project) isParsed(id ir.FuncID, param string) bool {
	fn := p.Flow.Func(id)
	if fn == nil || fn.Module.File == nil {
		return false
	}
	f := fn.Module.File
	for _, w := range f.Decorators(fn.Node) {
		call := ast.NodeID(w)
		if f.Kind(call) != ast.Call || len(f.ListB(call)) == 0 {
			continue
		}
		fields := ast.NodeID(f.ListB(call)[0])
		if f.Kind(fields) != ast.Dict {
			continue
		}
		for items := f.ListA(fields); len(items) > 1; items = items[2:] {
			if key, ok := f.Str(ast.NodeID(items[0])); ok && key == param {
				return isParsedField(f, ast.NodeID(items[1]), maxFields)
			}
		}
	}
	return false
}

// maxFields bounds lists of lists of fields.
const maxFields = 4

func isParsedField(f *ast.File, field ast.NodeID, depth int) bool {
	if f.Kind(field) == ast.Call {
		args := f.ListB(field)
		field = f.SlotA(field)
		if f.Kind(field) == ast.Attribute && f.IdentOf(field) == "List" && len(args) > 0 && depth > 0 {
			return isParsedField(f, ast.NodeID(args[0]), depth-1)
		}
	}
	if f.Kind(field) != ast.Attribute {
		return false
	}
	switch f.IdentOf(field) {
	case "Integer", "Int", "Float", "Number", "Decimal", "Boolean", "Bool", "DateTime", "NaiveDateTime", "AwareDateTime", "Date", "Time", "TimeDelta",
		"UUID", "Enum":
		return true
	}
	return false
}

// fill says what a parameter of a handler holds of a request: a part of the URL, or what a decorator read.
func (p *Project) fill(id ir.FuncID, param int) (name string, c flask.Converter, ok bool) {
	if c, ok = p.converter(id, param); ok {
		if c.Where == "" {
			c.Where = "URL part"
		}
		return "the " + c.Where + " <" + p.paramName(id, param) + ">", c, true
	}
	name, ok = p.fillsFromRequest(id, param)
	return name, flask.Converter{}, ok
}
