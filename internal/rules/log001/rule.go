// Package log001 judges what is written into logs: line breaks from outside, and secrets.
package log001

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-LOG-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every logging call that words from outside reach, and those that are given a secret by its name.
func (Rule) Run(p *rule.Pass) {
	structured := writesJSON(p)
	for _, h := range p.Project.Hits(models.Log) {
		if h.Func.Module.IsTest {
			continue
		}
		if isSecretSource(h) {
			p.ReportHit("secret", h, " is written into the log")
			continue
		}
		if structured || !isPositional(h) || !rule.CanHoldLineBreaks(h) || isQuoted(h) || h.Marks&value.MarkUnknownCall != 0 {
			continue
		}
		f := p.OnHit("injection", h)
		f.Message = rule.Sources(h) + " is written into the log with its line breaks"
		f.Confidence = finding.ConfidenceLow
		f.Reasons = append(f.Reasons, "the format of the log decides whether a line break matters")
		p.Report(f)
	}
	for i := range p.Project.Flow.Events {
		if e := &p.Project.Flow.Events[i]; strings.HasPrefix(e.Callee, "logging.") && !e.Func.Module.IsTest {
			secretByName(p, e)
		}
	}
}

var (
	secretSource = regexp.MustCompile(`(?i)passw|passphrase|secret|api_?key|authorization|access_token|refresh_token|card_?number|\bcvv\b|\bssn\b`)
	secretName   = regexp.MustCompile(`(?i)(^|[._\["'])(password|passwd|passphrase|secret|secret_key|api_?key|access_token|refresh_token|private_key|client_secret|authorization)["'\]]*$`)
)

// publicPart is what an Authorization header holds besides the secret.
var publicPart = regexp.MustCompile(`(?i)authorization\W*(username|type|realm|algorithm)\b`)

func isSecretSource(h project.Hit) bool {
	for _, l := range h.Labels {
		if secretSource.MatchString(l.Origin.Name) && !publicPart.MatchString(l.Origin.Name) && l.Marks&value.MarkUnknownCall == 0 {
			return true // what an unknown call made of it may be whose it is, or its hash
		}
	}
	return false
}

// secretByName reports variables and attributes whose name is a secret's: logger.info("user %s %s", name, password).
func secretByName(p *rule.Pass, e *flow.Event) {
	for i, a := range e.Args.Pos {
		text := rule.TextAt(e.Func, a.Node)
		if i == 0 || a.Value == nil || reachesLog(a.Value) || a.Value.IsConst && len(a.Value.Consts()) > 0 && a.Value.Type != "str" {
			continue
		}
		if strings.ContainsAny(text, "( \n") || !secretName.MatchString(text) {
			continue
		}
		f := p.At("secret", e.Func, a.Node)
		f.Message = text + " is written into the log"
		p.Report(f)
		return
	}
}

// reachesLog: what is from outside is a hit already.
func reachesLog(v *value.Value) bool {
	return slices.ContainsFunc(v.Taint, func(l value.Label) bool {
		return !l.Cleared.Has(models.Log) && (l.Origin.Kind == value.OriginParam || l.Origin.Source == models.Remote)
	})
}

// isPositional: extra= and exc_info= do not become part of the line.
func isPositional(h project.Hit) bool {
	for _, a := range h.Args.Pos {
		if a.Node == h.ArgNode {
			return true
		}
	}
	return false
}

// isQuoted reports whether the format string writes the argument as %r or as a number.
func isQuoted(h project.Hit) bool {
	format, ok := h.Args.Pos[0].Value.ConstStr()
	if !ok {
		return false
	}
	holes := placeholder.FindAllString(format, -1)
	for i, a := range h.Args.Pos[1:] {
		if a.Node == h.ArgNode && i < len(holes) {
			return !strings.HasSuffix(holes[i], "s")
		}
	}
	return false
}

var placeholder = regexp.MustCompile(`%[-#0-9. +]*[a-zA-Z]`)

// jsonLoggers write each record as one JSON object, in which a line break is no line break.
var jsonLoggers = [...]string{"pythonjsonlogger", "structlog", "json_log_formatter", "ecs_logging", "logstash", "google.cloud.logging"}

func writesJSON(p *rule.Pass) bool {
	for _, m := range p.Project.Prog.Modules {
		for i := range m.Imports {
			for _, l := range jsonLoggers {
				if strings.HasPrefix(m.Imports[i].Module, l) {
					return true
				}
			}
		}
	}
	return false
}
