// Package upload001 judges how uploaded files are stored.
package upload001

import (
	_ "embed"
	"regexp"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-UPLOAD-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every file of a request that is saved, and then what is served from where unchecked ones lie.
func (Rule) Run(p *rule.Pass) {
	var uploads []stored
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if e.Callee != "werkzeug.FileStorage.save" || e.Func.Module.IsTest || len(e.Args.Pos) == 0 && len(e.Args.Kw) == 0 {
			continue
		}
		dst, ok := e.Args.At(0, "dst")
		if !ok {
			continue
		}
		judge(p, e, dst.Value)
		if !checksType(p, e) {
			uploads = append(uploads, stored{folderOf(e.Func, dst.Node, false, 0), e})
		}
	}
	served(p, uploads)
	denied(p)
}

// judge reports a file that keeps the visitor's name. Files in the static folder are FLASK-PATH-001's.
func judge(p *rule.Pass, e *flow.Event, dst *value.Value) {
	if !keepsName(dst) || isServed(e, dst) || checksType(p, e) {
		return
	}
	f := p.At("type", e.Func, e.Node)
	f.Message = "an uploaded file is stored under the name and type that the visitor gave it"
	if len(f.Routes) == 0 {
		f.Confidence = finding.ConfidenceMedium
	}
	p.Report(f)
}

// keepsName reports whether the name that the browser sent is part of the path, and with it the type.
func keepsName(dst *value.Value) bool {
	if dst == nil {
		return false
	}
	for _, l := range dst.Taint {
		if l.Origin.Source == models.Remote && strings.Contains(strings.ToLower(l.Origin.Name), "file") {
			return true
		}
	}
	return false
}

// typeCheck are words of code that looks at what kind of file it has.
var typeCheck = regexp.MustCompile(`(?i)\b(not )?in\s+[({\[]|\bin\s+[A-Z_a-z.]*(allow|ext|type|format|suffix)|allowed|endswith|mimetype|content_type|imghdr|\bmagic\b|filetype|Image\.open|FileAllowed|FileRequired|validat|verif|accept|whitelist|\.suffix\s*(==|!=)|splitext\([^)]*\)\[1\]\s*(==|!=|in|not)`)

// checksType reports whether the function, one that it calls, or one that calls it looks at the type.
func checksType(p *rule.Pass, e *flow.Event) bool {
	ids := []ir.FuncID{e.Func.ID}
	for _, c := range p.Project.Flow.Callees(e.Func.ID) {
		ids = append(ids, c.To)
	}
	for _, c := range p.Project.Flow.Callers(e.Func.ID) {
		ids = append(ids, c.From)
	}
	for _, id := range ids {
		if typeCheck.MatchString(rule.Text(p.Project.Flow.Func(id))) {
			return true
		}
	}
	return false
}

// isServed reports whether the path leads into the folder of static files.
func isServed(e *flow.Event, dst *value.Value) bool {
	before := "/" + dst.Str.BeforeTaint()
	return strings.Contains(before, "/static/") || strings.Contains(rule.TextAt(e.Func, e.Node), "static_folder")
}
