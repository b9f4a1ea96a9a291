package engine

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"stopper/internal/bug"
	"stopper/internal/finding"
	"stopper/internal/project"
	"stopper/internal/report/result"
	"stopper/internal/rule"
	"stopper/internal/source"
	"stopper/internal/suppress"
	"stopper/internal/workspace"
)

// judge runs the rules and finishes their findings. The list of routes, which asks the same questions about them as the rules
// do, is made beside them.
func (r *run) judge(p *project.Project, directives func() *[]suppress.Directive) []*rule.Meta {
	metas := make([]*rule.Meta, len(r.opt.Rules))
	found := make([][]*finding.Finding, len(r.opt.Rules))
	cuts := make([][]rule.Cut, len(r.opt.Rules))
	parallel(r.opt.Jobs, len(r.opt.Rules)+1, none, func(_ struct{}, i int) {
		i--
		if i < 0 {
			defer bug.Recover(r.bugs, "listing the routes")
			r.res.Routes = routes(p)
			return
		}
		defer bug.Recover(r.bugs, fmt.Sprintf("rule %T", r.opt.Rules[i]))
		meta, err := rule.ParseMeta(r.opt.Rules[i].Page())
		if err != nil {
			r.bugs.Report(fmt.Sprintf("the page of rule %T", r.opt.Rules[i]), err, nil)
			return
		}
		metas[i] = meta
		if !p.Flask.UsesFlask {
			return
		}
		pass := &rule.Pass{Project: p, Meta: meta}
		// What a rule found before it failed is still reported.
		defer func() { found[i], cuts[i] = pass.Findings(), pass.Cuts() }()
		r.opt.Rules[i].Run(pass)
	})
	all := finding.Finish(r.configured(slices.Concat(found...)), r.lookup, secretsOf(p)...)
	r.res.Findings = all
	r.cuts(p, metas, cuts)
	var said []suppress.Directive
	if d := directives(); d != nil {
		said = *d
	}
	r.res.Suppressions = suppress.Apply(all, said, r.opt.Today.Format(time.DateOnly), r.isJudged(r.pathPatterns()))
	return slices.DeleteFunc(metas, func(m *rule.Meta) bool { return m == nil })
}

// cuts tells, in the coverage, which limits the rules reached.
func (r *run) cuts(p *project.Project, metas []*rule.Meta, cuts [][]rule.Cut) {
	for i, list := range cuts {
		for _, c := range list {
			text := fmt.Sprintf("%s: the limit of %s was reached", metas[i].ID, c.What)
			if fn := p.Flow.Func(c.In); fn != nil {
				text += fmt.Sprintf(", first in %s: %s", fn.Module.Source.Path, fn.QualName)
			}
			r.res.Coverage.Budgets = append(r.res.Coverage.Budgets, text)
		}
	}
	for _, what := range p.Limits() {
		r.res.Coverage.Budgets = append(r.res.Coverage.Budgets, fmt.Sprintf("the limit of %s was reached", what))
	}
}

func none() struct{} { return struct{}{} }

// directives are the suppression comments of every kind of file that can hold a finding.
func (r *run) directives() *[]suppress.Directive {
	var out []suppress.Directive
	for _, f := range r.files {
		if len(f.Comments) > 0 {
			out = append(out, suppress.Scan(f.Src, f.Comments)...)
		}
	}
	var others []workspace.File
	for _, f := range r.ws.Files {
		if hasComments(f) {
			others = append(others, f)
		}
	}
	found := make([][]suppress.Directive, len(others))
	parallel(r.opt.Jobs, len(others), none, func(_ struct{}, i int) {
		defer bug.Recover(r.bugs, "reading the comments of "+others[i].Path)
		found[i] = r.directivesOf(others[i])
	})
	out = append(out, slices.Concat(found...)...)
	return &out
}

func hasComments(f workspace.File) bool {
	switch f.Class {
	case workspace.Python, workspace.Other, workspace.Lock:
		return false
	}
	return !strings.EqualFold(path.Ext(f.Path), ".json")
}

func (r *run) directivesOf(f workspace.File) []suppress.Directive {
	r.mu.Lock()
	src := r.byPath[f.Path] // of a template
	r.mu.Unlock()
	if src == nil {
		text, err := r.ws.Read(f.Path)
		if err != nil {
			return nil // what cannot be read is listed where it is needed
		}
		src = source.NewFile(f.Path, text)
	}
	if !bytes.Contains(src.Text, []byte("stopper:")) {
		return nil
	}
	switch {
	case f.Class == workspace.Template:
		return suppress.Scan(src, suppress.JinjaComments(src))
	case f.Class == workspace.Systemd, f.Class == workspace.Supervisor, strings.EqualFold(path.Ext(f.Path), ".ini"), strings.EqualFold(path.Ext(f.Path), ".cfg"):
		return suppress.Scan(src, suppress.LineComments(src, "#;"))
	}
	return suppress.Scan(src, suppress.LineComments(src, "#"))
}

// configured applies the project's configuration and the command line's choice, and writes down what the former changed:
// whoever audits a foreign tree wants to know what its own file hides.
func (r *run) configured(all []*finding.Finding) []*finding.Finding {
	conf := r.opt.Config
	dropped, changed := 0, 0
	paths := r.pathPatterns()
	kept := all[:0]
	for _, f := range all {
		if !wanted(f, r.opt.Only, r.opt.Exclude) {
			continue
		}
		exclude, severity := conf.Exclude, conf.Severity[f.RuleID]
		severity = first(conf.Severity[f.ID()], severity)
		for i, p := range conf.Paths {
			if paths[i].Match(f.Path) {
				exclude = slices.Concat(exclude, p.Exclude)
				severity = first(p.Severity[f.ID()], p.Severity[f.RuleID], severity)
			}
		}
		if len(r.opt.Only) == 0 && !wanted(f, conf.Only, nil) || !wanted(f, nil, exclude) {
			dropped++
			continue
		}
		if s, err := finding.ParseSeverity(severity); severity != "" && err == nil && s != f.Severity {
			f.Severity = s
			changed++
		}
		kept = append(kept, f)
	}
	r.configNotes(dropped, changed)
	return kept
}

// pathPatterns are those of the tables of the configuration.
func (r *run) pathPatterns() []workspace.Patterns {
	paths := make([]workspace.Patterns, len(r.opt.Config.Paths))
	for i, p := range r.opt.Config.Paths {
		paths[i] = workspace.ParsePatterns(p.Match)
	}
	return paths
}

// isJudged tells whether the command line and the configuration let somebody look for what a suppression names, a rule or a check.
func (r *run) isJudged(paths []workspace.Patterns) func(id, file string) bool {
	conf, only := r.opt.Config, r.opt.Only
	if len(only) == 0 {
		only = conf.Only
	}
	return func(id, file string) bool {
		rule, _, _ := strings.Cut(id, "/")
		isMeant := func(asked string) bool {
			return asked == rule || asked == id || id == rule && strings.HasPrefix(asked, rule+"/")
		}
		isOut := func(left string) bool { return left == rule || left == id }
		for i, p := range conf.Paths {
			if slices.ContainsFunc(p.Exclude, isOut) && paths[i].Match(file) {
				return false
			}
		}
		return (len(only) == 0 || slices.ContainsFunc(only, isMeant)) && !slices.ContainsFunc(r.opt.Exclude, isOut) && !slices.ContainsFunc(conf.Exclude, isOut)
	}
}

func first(choices ...string) string {
	for _, c := range choices {
		if c != "" {
			return c
		}
	}
	return ""
}

func wanted(f *finding.Finding, only, exclude []string) bool {
	named := func(ids []string) bool { return slices.Contains(ids, f.RuleID) || slices.Contains(ids, f.ID()) }
	return (len(only) == 0 || named(only)) && !named(exclude)
}

func (r *run) configNotes(dropped, changed int) {
	conf := r.opt.Config
	files := 0
	for _, s := range r.ws.Skipped {
		if s.Reason == workspace.Excluded {
			files++
		}
	}
	note := func(cond bool, format string, args ...any) {
		if cond {
			r.res.Coverage.Configuration = append(r.res.Coverage.Configuration, conf.File+": "+fmt.Sprintf(format, args...))
		}
	}
	note(conf.FailOn != "", "fail_on = %q", conf.FailOn)
	note(conf.MinConfidence != "", "min_confidence = %q", conf.MinConfidence)
	note(files > 0, "exclude_paths leaves out %s", result.Plural(files, "path", "paths"))
	note(dropped > 0, "only and exclude leave out %s", result.Plural(dropped, "finding", "findings"))
	note(changed > 0, "severity is changed for %s", result.Plural(changed, "finding", "findings"))
}
