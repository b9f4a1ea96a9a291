package project

import (
	"slices"
	"strings"

	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/ir"
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
	case strings.HasPrefix(callee, "webargs.flaskparser.") && (strings.HasSuffix(callee, ".use_args") || strings.HasSuffix(callee, ".use_kwargs")),
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
	for _, r := range p.Flask.RoutesOf(id) {
		if _, isURL := r.Params[own]; isURL {
			return "", false
		}
	}
	return name, true
}

// fill says what a parameter of a handler holds of a request: a part of the URL, or what a decorator read.
func (p *Project) fill(id ir.FuncID, param int) (name string, c flask.Converter, ok bool) {
	if c, ok = p.converter(id, param); ok {
		return "the URL part <" + p.paramName(id, param) + ">", c, true
	}
	name, ok = p.fillsFromRequest(id, param)
	return name, flask.Converter{}, ok
}
