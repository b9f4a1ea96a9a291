package cors001

import (
	"strings"

	"stopper/internal/deploy/nginx"
	"stopper/internal/finding"
	"stopper/internal/rule"
)

// edge judges the headers that nginx adds.
func edge(p *rule.Pass) {
	for _, c := range p.Project.Deploy.Edge.Nginx {
		if c.Dev {
			continue
		}
		maps := originMaps(c.Directives)
		nginx.Walk(c.Directives, func(d *nginx.Directive) {
			if d.Name == "add_header" && strings.EqualFold(d.Arg(0), allowOrigin) {
				header(p, d, maps)
			}
		})
	}
}

// originMaps are the variables that a map computes from the request's Origin.
func originMaps(list []*nginx.Directive) map[string]*nginx.Directive {
	out := map[string]*nginx.Directive{}
	nginx.Walk(list, func(d *nginx.Directive) {
		if d.Name == "map" && d.IsBlock && strings.EqualFold(d.Arg(0), "$http_origin") {
			out[d.Arg(1)] = d
		}
	})
	return out
}

func header(p *rule.Pass, d *nginx.Directive, maps map[string]*nginx.Directive) {
	severity := finding.Medium
	if d.Parent != nil && allowsCredentials(d.Parent) {
		severity = finding.High
	}
	value := d.Arg(1)
	if m := maps[value]; m != nil {
		mapped(p, m, severity)
		return
	}
	if !strings.EqualFold(value, "$http_origin") {
		return
	}
	slug, message := "reflect-origin", "every site may read these answers: nginx allows the request's own Origin"
	if d.Parent != nil && d.Parent.Name == "if" {
		pattern, isOrigin := conditionPattern(d.Parent)
		if !isOrigin {
			return
		}
		why := weakSearch(pattern)
		if why == "" {
			return
		}
		slug, message = "weak-match", "the check of the origin lets others in: "+why
	}
	f := p.AtLine(slug, d.File, d.Line)
	f.Message, f.Severity = message, severity
	p.Report(f)
}

// conditionPattern is the expression of `if ($http_origin ~ pattern)`; an equality gives a pattern that is bound.
func conditionPattern(d *nginx.Directive) (string, bool) {
	args := strings.Fields(strings.Trim(strings.Join(d.Args, " "), "()"))
	if len(args) < 3 || !strings.EqualFold(args[0], "$http_origin") {
		return "", false
	}
	if !strings.HasPrefix(args[1], "~") {
		return "^$", true
	}
	return strings.TrimSpace(strings.Join(args[2:], " ")), true
}

// weakSearch: nginx looks for the pattern anywhere in the text.
func weakSearch(pattern string) string {
	pattern = strings.Trim(pattern, `"'`)
	if !strings.HasPrefix(pattern, "^") {
		return "nothing marks its beginning"
	}
	return weakPattern(pattern, false)
}

func mapped(p *rule.Pass, m *nginx.Directive, severity finding.Severity) {
	for _, e := range m.Block {
		if !strings.Contains(strings.ToLower(e.Arg(0)), "$http_origin") {
			continue
		}
		slug, message := "", ""
		switch pattern, isPattern := strings.CutPrefix(e.Name, "~"); {
		case e.Name == "default":
			slug, message = "reflect-origin", "every site may read these answers: the map's default allows the request's own Origin"
		case isPattern:
			if why := weakSearch(strings.TrimPrefix(pattern, "*")); why != "" {
				slug, message = "weak-match", "the check of the origin lets others in: "+why
			}
		}
		if slug != "" {
			f := p.AtLine(slug, e.File, e.Line)
			f.Message, f.Severity = message, severity
			p.Report(f)
		}
	}
}

func allowsCredentials(block *nginx.Directive) bool {
	for _, h := range block.List("add_header") {
		if strings.EqualFold(h.Arg(0), allowCredentials) && strings.EqualFold(h.Arg(1), "true") {
			return true
		}
	}
	return false
}
