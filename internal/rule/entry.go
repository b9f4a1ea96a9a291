package rule

import (
	"path"
	"slices"
	"strings"

	"stopper/internal/deployment"
	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
)

// RunsDevServer reports whether a start command starts Flask's development server: `flask run`, or a Python file or module
// that calls run() on the application.
func (p *Pass) RunsDevServer(e deployment.Entry) bool {
	if e.Kind == deployment.DevServer {
		return true
	}
	return e.Kind == deployment.Python && len(p.runEvents(e)) > 0
}

// RunCalls are the places at which the file that a start command runs calls run() on the application.
func (p *Pass) RunCalls(e deployment.Entry) []finding.Location {
	var out []finding.Location
	for _, ev := range p.runEvents(e) {
		out = append(out, finding.Location{Path: ev.Func.Module.Source.Path, Span: ev.Func.SpanOf(ev.Node), Note: "starts the development server"})
	}
	return out
}

// BindOf is the address that a start command listens on, as far as it is written down.
func (p *Pass) BindOf(e deployment.Entry) string {
	if e.Bind != "" {
		host, _, _ := strings.Cut(e.Bind, ":")
		if strings.HasPrefix(e.Bind, "::") || strings.HasPrefix(e.Bind, "[::]") {
			return "::"
		}
		return host
	}
	for _, ev := range p.runEvents(e) {
		if a, ok := ev.Args.At(0, "host"); ok {
			if s, known := a.Value.ConstStr(); known {
				return s
			}
		}
	}
	return ""
}

// runEvents are the run() calls that a start command reaches.
func (p *Pass) runEvents(e deployment.Entry) []*flow.Event {
	var out []*flow.Event
	for i := range p.Project.Flow.Events {
		ev := &p.Project.Flow.Events[i]
		if IsRun(ev) && p.starts(e, ev.Func.Module.Source.Path) {
			out = append(out, ev)
		}
	}
	return out
}

// EntryOf is the production start command that runs the file of an event; false when none does.
func (p *Pass) EntryOf(ev *flow.Event) (deployment.Entry, bool) {
	for _, e := range p.Project.Deploy.Production() {
		if e.Kind == deployment.Python && p.starts(e, ev.Func.Module.Source.Path) {
			return e, true
		}
	}
	return deployment.Entry{}, false
}

// starts: a start command runs a file. Of several that its words fit, it is the one that they name in full, or the one beside the
// command's own file.
func (p *Pass) starts(e deployment.Entry, file string) bool {
	if !targets(e.Target, file) {
		return false
	}
	whole := strings.TrimPrefix(strings.TrimPrefix(e.Target, "./"), "/")
	beside := path.Join(path.Dir(e.File), whole)
	return file == whole || file == beside || !strings.HasSuffix(whole, ".py") ||
		!slices.ContainsFunc(p.Project.Prog.Modules, func(m *ir.Module) bool { return m.Source.Path == whole || m.Source.Path == beside })
}

// IsRun recognises app.run(), also of applications of Flask-SocketIO and Connexion, and werkzeug's run_simple().
func IsRun(ev *flow.Event) bool {
	switch ev.Callee {
	case "flask.Flask.run", "werkzeug.serving.run_simple", "connexion.App.run", "connexion.FlaskApp.run":
		return true
	}
	return strings.HasSuffix(ev.Callee, "SocketIO.run")
}

// targets compares the target of a start command (a path, possibly below a container's folder, or a dotted module) with
// the path of a file.
func targets(target, file string) bool {
	target = strings.TrimPrefix(strings.TrimPrefix(target, "./"), "/")
	if target == "" {
		return false
	}
	if !strings.HasSuffix(target, ".py") {
		target = strings.ReplaceAll(target, ".", "/") + ".py"
	}
	return file == target || strings.HasSuffix(file, "/"+target) || strings.HasSuffix(target, "/"+file)
}

// IsTrue reports whether a value is certainly true.
func IsTrue(v *value.Value) bool {
	if v == nil {
		return false
	}
	is, known := v.ConstBool()
	if known {
		return is
	}
	return v.IsConst && len(v.Consts()) == 1 && v.Consts()[0].Int == 1
}

// IsFalse reports whether a value is certainly the constant False (or 0).
func IsFalse(v *value.Value) bool {
	is, known := v.ConstBool()
	return known && !is
}
