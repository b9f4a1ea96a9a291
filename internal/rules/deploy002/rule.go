// Package deploy002 judges debug mode where production shows.
package deploy002

import (
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"stopper/internal/deployment"
	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-DEPLOY-002.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every channel that can switch debug mode on.
func (Rule) Run(p *rule.Pass) {
	commands(p)
	environment(p)
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		switch {
		case rule.IsRun(e):
			runWithDebug(p, e)
		case strings.HasSuffix(e.Callee, "DebuggedApplication"):
			debugger(p, e)
		}
	}
	configuration(p)
	unlessToldOtherwise(p)
}

func commands(p *rule.Pass) {
	for _, e := range p.Project.Deploy.Production() {
		if e.Debug && e.DebugBy.File == e.File && e.DebugBy.Line == e.Line && p.RunsDevServer(e) {
			f := p.AtLine("debug", e.File, e.Line)
			f.Message = "production starts the application in debug mode: " + strings.Join(e.Argv, " ")
			p.Report(f)
		}
	}
}

func environment(p *rule.Pass) {
	for _, v := range p.Project.Deploy.Lookup("FLASK_DEBUG") {
		if v.Dev || !isOn(v.Effective()) || !isRead(p, v) {
			continue
		}
		f := p.AtLine("env-debug", v.File, v.Line)
		f.Message = "FLASK_DEBUG switches debug mode on in the environment of production"
		if !anyDevServer(p) && p.ShowsProduction() {
			f.Severity, f.Impact = finding.Medium, noDebugger
		}
		p.Report(f)
	}
}

// isRead: the flask command alone reads .flaskenv and .env by itself. A production server sees .env where something hands it
// over, or the program loads it.
func isRead(p *rule.Pass, v deployment.EnvVar) bool {
	switch path.Base(v.File) {
	case ".flaskenv":
		return anyDevServer(p)
	case ".env":
		return anyDevServer(p) || p.Imports("dotenv", "environs", "decouple", "dynaconf") || p.Project.Deploy.Starts(v) || !p.ShowsProduction()
	}
	return true
}

func anyDevServer(p *rule.Pass) bool {
	return slices.ContainsFunc(p.Project.Deploy.Production(), p.RunsDevServer)
}

func isOn(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "0", "false", "no", "off":
		return false
	}
	return !strings.Contains(s, "$") // what comes from outside is not known
}

// runWithDebug reports run(debug=True) in a file that production runs. Under a __main__ guard that nobody deploys it is a
// developer's convenience, as long as it listens on his machine alone.
func runWithDebug(p *rule.Pass, e *flow.Event) {
	a, ok := e.Args.Keyword("debug")
	if !ok && e.Callee == "flask.Flask.run" {
		a, ok = e.Args.At(2, "debug")
	}
	if !ok {
		a, ok = e.Args.Keyword("use_debugger")
	}
	if !ok || !rule.IsTrue(a.Value) {
		return
	}
	entry, deployed := p.EntryOf(e)
	if !deployed {
		offersDebugger(p, e)
		return
	}
	f := p.At("debug", e.Func, e.Node)
	f.Message = "production runs this file (" + entry.File + "), and it starts the application in debug mode"
	f.Related = append(f.Related, at(entry.File, entry.Line, "starts this file in production"))
	p.Report(f)
}

// offersDebugger reports a debugger that the network of whoever starts the file by hand can reach.
func offersDebugger(p *rule.Pass, e *flow.Event) {
	host, ok := e.Args.At(0, "host")
	if !ok {
		return
	}
	if bind, known := host.Value.ConstStr(); !known || bind != "0.0.0.0" && bind != "::" {
		return
	}
	f := p.At("debug", e.Func, e.Node)
	f.Message = "whoever runs this file offers the interactive debugger to the network"
	f.Severity, f.Confidence = finding.Medium, finding.ConfidenceMedium
	f.Reasons = append(f.Reasons, "no deployment file starts this file")
	if p.ShowsProduction() {
		f.Severity = finding.Low
	}
	p.Report(f)
}

func debugger(p *rule.Pass, e *flow.Event) {
	if a, ok := e.Args.At(1, "evalex"); ok && rule.IsFalse(a.Value) {
		return
	}
	if env := flask.EnvironmentAt(e.Func, e.Node); env == flask.Development || env == flask.Testing {
		return
	}
	if a, ok := e.Args.At(1, "evalex"); !ok || !rule.IsTrue(a.Value) {
		return // the default shows tracebacks, and runs nothing
	}
	f := p.At("debugger-exposed", e.Func, e.Node)
	f.Message = "the interactive debugger is wrapped round the application: whoever reaches a traceback runs Python"
	p.Report(f)
}

// configuration reports DEBUG = True in configuration that an application loads, unless its name says development or test.
func configuration(p *rule.Pass) {
	for _, c := range p.Project.Flask.Config {
		if c.Key != "DEBUG" || !c.Loaded || c.Cond || !rule.IsTrue(c.Arg.Value) || rule.IsDevelopment(c) || !p.ShowsProduction() {
			continue
		}
		f := p.AtNode("debug", c.Module, c.Node)
		f.Function = c.Class
		f.Message = "the application loads DEBUG = True, and nothing seen switches it off in production"
		if v, ok := p.Project.Deploy.ProductionVar(c.ChosenBy); ok {
			f.Message = "production loads " + c.Class + " with DEBUG = True, because " + c.ChosenBy + " says so"
			f.Related = append(f.Related, at(v.File, v.Line, "chooses "+c.Class))
			f.Fix = fmt.Sprintf("Set %s in %s (line %d) to what chooses the configuration for production, and make that the default of the program.", c.ChosenBy, v.File, v.Line)
		}
		f.Confidence = min(f.Confidence, finding.ConfidenceMedium)
		withoutDebugger(p, f)
		p.Report(f)
	}
}

// withoutDebugger: what DEBUG does depends on what starts the application.
func withoutDebugger(p *rule.Pass, f *finding.Finding) {
	if slices.ContainsFunc(p.Project.Deploy.Production(), func(e deployment.Entry) bool { return obeysConfiguration(p, e) }) {
		return
	}
	f.Severity = finding.Medium
	f.Impact = noDebugger
}

// noDebugger is what DEBUG does under a server that adds no debugger for it.
const noDebugger = "The server that production starts adds no debugger for DEBUG. But exceptions pass the application's own error pages by, templates " +
	"are read anew for each request, and everything else that is meant for development alone is in effect."

// obeysConfiguration: run() and Flask-Script add the debugger when DEBUG is set. The flask command looks at FLASK_DEBUG only.
func obeysConfiguration(p *rule.Pass, e deployment.Entry) bool {
	return p.RunsDevServer(e) && (e.Kind == deployment.Python || slices.Contains(e.Argv, "runserver"))
}

// unlessToldOtherwise reports a class for development that the program loads when a variable is not set, where a start in
// production does not set it.
func unlessToldOtherwise(p *rule.Pass) {
	for _, s := range p.Project.Flask.Starts {
		if s.IsSet || s.Variable == "" {
			continue
		}
		set, ok := debugOf(p, s)
		if !ok {
			continue
		}
		for _, e := range p.Project.Deploy.Production() {
			if setsVariable(e, s.Variable) || p.Project.Deploy.HasUnseenEnv(e) {
				continue
			}
			f := p.AtLine("debug", e.File, e.Line)
			f.Message = "nothing sets " + s.Variable + " for this start, and without it the program loads " + set.Class + " with DEBUG = True"
			f.Fix = "Set " + s.Variable + " here to what chooses the configuration for production, and make that the default of the program, so that a forgotten variable is no hole."
			f.Confidence = finding.ConfidenceMedium
			f.Related = append(f.Related, related(set))
			if !obeysConfiguration(p, e) {
				f.Severity, f.Impact = finding.Medium, noDebugger
				if e.Service == "" || e.Platform() {
					f.Confidence = finding.ConfidenceLow
					f.Reasons = append(f.Reasons, "whoever starts it may set the variable")
				}
			}
			p.Report(f)
			return
		}
	}
}

// debugOf is the assignment of DEBUG = True in a class for development that the start loads, or in one of its bases.
func debugOf(p *rule.Pass, s flask.Start) (flask.ConfigSet, bool) {
	name := p.Project.Prog.Classes[s.Class].Name
	for _, c := range p.Project.Flask.Config {
		if c.Key == "DEBUG" && rule.IsTrue(c.Arg.Value) && c.Env == flask.Development && slices.Contains(c.Variants, name) {
			return c, true
		}
	}
	return flask.ConfigSet{}, false
}

// setsVariable: the start has the variable, or hands it on from outside.
func setsVariable(e deployment.Entry, name string) bool {
	return slices.ContainsFunc(e.Env, func(v deployment.EnvVar) bool { return v.Name == name })
}

func related(c flask.ConfigSet) finding.Location {
	return finding.Location{Path: c.Module.Source.Path, Pos: finding.Position{Line: c.Module.Source.Line(c.Module.File.Span(c.Node).Start)}, Note: "switches debug mode on"}
}

func at(path string, line int, note string) finding.Location {
	return finding.Location{Path: path, Pos: finding.Position{Line: line}, Note: note}
}
