// Package deploy003 judges with which rights the machine's service manager runs the application.
package deploy003

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/deployment"
	"stopper/internal/finding"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-DEPLOY-003.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges the units and programs that start the application.
func (Rule) Run(p *rule.Pass) {
	for _, u := range p.Project.Deploy.Units {
		if e := entryOf(p, u.Path, ""); e != nil && !u.Dev {
			unit(p, u, e)
		}
	}
	if len(p.Project.Deploy.Images) > 0 {
		return // supervisord runs in the container, of which FLASK-DOCKER-001 speaks
	}
	for _, prog := range p.Project.Deploy.Programs {
		if e := entryOf(p, prog.File, prog.Name); e != nil && !prog.Dev && isRoot(prog.User.Text) && !dropsRoot(e) {
			f := p.AtLine("root-service", prog.File, prog.User.Line)
			f.Message = "supervisord runs the program " + prog.Name + " as root"
			p.Report(f)
		}
	}
}

// entryOf is the production start command that a unit, or a program of a file, leads to; nil when it starts something else.
func entryOf(p *rule.Pass, file, program string) *deployment.Entry {
	for _, e := range p.Project.Deploy.Production() {
		in := e.File == file || slices.ContainsFunc(e.Via, func(v deployment.Evidence) bool { return v.File == file })
		if in && (program == "" || e.Service == program) {
			return &e
		}
	}
	return nil
}

func isRoot(user string) bool { return user == "root" || user == "0" }

// dropsRoot: the server changes the user itself.
func dropsRoot(e *deployment.Entry) bool {
	return slices.ContainsFunc(e.Argv, func(a string) bool {
		return a == "-u" || a == "--user" || a == "--uid" || strings.HasPrefix(a, "--user=") || strings.HasPrefix(a, "--uid=")
	})
}

// walls are settings that keep a service away from the rest of the machine; one of them shows that somebody thought of it.
var walls = [...]string{
	"NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "CapabilityBoundingSet", "SystemCallFilter",
	"RestrictAddressFamilies", "ReadOnlyPaths", "InaccessiblePaths", "RootDirectory", "TemporaryFileSystem",
}

func unit(p *rule.Pass, u deployment.Unit, e *deployment.Entry) {
	dynamic, _ := u.Get("Service", "DynamicUser")
	user, named := u.Get("Service", "User")
	switch {
	case isOn(dynamic.Value), strings.Contains(user.Value, "%"):
		return
	case named && !isRoot(user.Value):
		sandbox(p, u, e)
		return
	case dropsRoot(e):
		return
	}
	f := p.AtLine("root-service", u.Path, e.Line)
	f.Message = "systemd runs the application as root: the unit names no user"
	if named {
		f = p.AtLine("root-service", u.Path, user.Line)
		f.Message = "systemd runs the application as root"
	}
	p.Report(f)
}

// sandbox: the service may see and change whatever its user may.
func sandbox(p *rule.Pass, u deployment.Unit, e *deployment.Entry) {
	for _, w := range walls {
		if s, ok := u.Get("Service", w); ok && !isOff(s.Value) {
			return
		}
	}
	f := p.AtLine("no-sandbox", u.Path, e.Line)
	f.Confidence = finding.ConfidenceLow
	p.Report(f)
}

func isOn(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "true", "on", "1":
		return true
	}
	return false
}

func isOff(s string) bool {
	switch strings.ToLower(s) {
	case "no", "false", "off", "0":
		return true
	}
	return false
}
