package sarif

import (
	"fmt"

	"stopper/internal/finding"
	"stopper/internal/report/result"
)

// The ids of notifications.
const (
	noticeSkipped    = "not-read"
	noticeSyntax     = "syntax-error"
	noticeUnresolved = "not-resolved"
	noticeBudget     = "budget"
	noticeInternal   = "internal-error"
	noticeNoFlask    = "no-flask"
	noticeConfig     = "configuration"

	noticeSuppression = "suppression"
)

func notices() []descriptor {
	return []descriptor{
		{ID: noticeSkipped, ShortDescription: &text{"A file or folder was not read, or a part of it not understood."}},
		{ID: noticeSyntax, ShortDescription: &text{"A file has a syntax error; the rest of it was analysed."}},
		{ID: noticeUnresolved, ShortDescription: &text{"Something could not be resolved; findings behind it may be missing."}},
		{ID: noticeBudget, ShortDescription: &text{"An analysis budget was used up; findings behind it may be missing."}},
		{ID: noticeInternal, ShortDescription: &text{"The analysis failed at one place; findings are missing."}},
		{ID: noticeConfig, ShortDescription: &text{"A configuration file of the audited folder changed what is reported."}},
		{ID: noticeSuppression, ShortDescription: &text{"A suppression has no effect."}},
		{ID: noticeNoFlask, ShortDescription: &text{"Nothing in the audited folder uses Flask."}},
	}
}

func notifications(r *result.Result) []notification {
	c := r.Coverage
	out := []notification{}
	add := func(id, level, message string, where ...location) {
		out = append(out, notification{reference{id}, level, text{message}, where})
	}
	if !c.Flask {
		add(noticeNoFlask, "warning", "Nothing in the audited folder uses Flask.")
	}
	for _, s := range c.Configuration {
		add(noticeConfig, "note", s)
	}
	for _, s := range r.Suppressions {
		if s.Fault != "" {
			add(noticeSuppression, "warning", fmt.Sprintf("Suppression of %s: %s", s.ID, s.Fault), place(s.Path, finding.Position{Line: s.Line}, ""))
		}
	}
	for _, s := range c.Skipped {
		what := "Not read"
		if s.Line > 0 {
			what = "Not understood"
		}
		add(noticeSkipped, "note", fmt.Sprintf("%s: %s (%s)", what, s.Path, s.Reason), place(s.Path, finding.Position{Line: s.Line}, ""))
	}
	for _, e := range c.ParseErrors {
		add(noticeSyntax, "warning", "Syntax error: "+e.Message, place(e.Path, finding.Position{Line: e.Line}, ""))
	}
	for _, u := range c.Unresolved {
		add(noticeUnresolved, "note", u)
	}
	for _, b := range c.Budgets {
		add(noticeBudget, "warning", b)
	}
	for _, e := range c.Cut {
		add(noticeBudget, "error", e)
	}
	for _, e := range c.InternalErrors {
		add(noticeInternal, "error", e)
	}
	return out
}
