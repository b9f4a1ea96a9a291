package proxy001

import (
	"slices"
	"strings"

	"stopper/internal/deploy/nginx"
	"stopper/internal/finding"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/visibility"
)

// clientIP reports addresses that are read from a header by hand, and whether the application reads any. Reads that decide
// nothing on their own line are one finding.
func clientIP(p *rule.Pass) bool {
	reads := headerReads(p)
	var quiet *finding.Finding
	for _, s := range reads {
		header := canonical(s)
		switch {
		case takesLast(s) || isShown(s, header) || overwritten(p, header) || slices.ContainsFunc(s.Conditions(), isTrust):
		case decides(s):
			f := unproven(p, s, header)
			f.Severity = finding.High
			p.Report(f)
		case quiet == nil:
			quiet = unproven(p, s, header)
		case len(quiet.Related) < maxRelated:
			quiet.Related = append(quiet.Related, s.Place("reads it as well"))
		}
	}
	p.Report(quiet)
	return len(reads) > 0
}

// isTrust: the header is read only where the operator says that a proxy sets it.
func isTrust(test string) bool {
	l := strings.ToLower(test)
	return strings.Contains(l, "trust") || strings.Contains(l, "behind_proxy") || strings.Contains(l, "behind_reverse") || strings.Contains(l, "use_forwarded")
}

// maxRelated bounds how many further reads are listed.
const maxRelated = 8

func unproven(p *rule.Pass, s rule.Site, header string) *finding.Finding {
	f := p.AtSite("client-ip", s)
	f.Message = "the visitor's address is taken from " + header + ", which the visitor can write"
	front := httpFront(p)
	if len(front) == 0 {
		return rule.NotVisible(f, visibility.EdgeForwarded)
	}
	if d := sets(front[0], header); d != nil {
		f.Message = "the visitor's address is the first entry of " + header + ", to which nginx only appends"
		f.Related = append(f.Related, rule.LinePlace(d.File, d.Line, "appends to what the visitor sent"))
	}
	return f
}

// canonical is the header that a site names.
func canonical(s rule.Site) string {
	if s.Module.File.IdentOf(s.Node) == "access_route" {
		return "X-Forwarded-For"
	}
	text, _ := s.Module.File.Str(s.Node)
	switch strings.ToUpper(strings.ReplaceAll(strings.TrimPrefix(strings.ToUpper(text), "HTTP_"), "_", "-")) {
	case "X-FORWARDED-FOR":
		return "X-Forwarded-For"
	case "X-REAL-IP":
		return "X-Real-IP"
	case "TRUE-CLIENT-IP":
		return "True-Client-IP"
	case "X-CLIENT-IP":
		return "X-Client-IP"
	}
	return ""
}

// headerReads are the places that read an address from a request's headers or environment.
func headerReads(p *rule.Pass) []rule.Site {
	var out []rule.Site
	p.Find(func(s rule.Site) {
		f := s.Module.File
		var key ast.NodeID
		var of ast.NodeID
		switch f.Kind(s.Node) {
		case ast.Subscript:
			if f.Ctx(s.Node) == ast.Store {
				return
			}
			of, key = f.SlotA(s.Node), f.SlotB(s.Node)
		case ast.Call:
			args := f.ListB(s.Node)
			fn := f.SlotA(s.Node)
			if name := f.IdentOf(fn); len(args) == 0 || f.Kind(fn) != ast.Attribute || name != "get" && name != "getlist" && name != "get_all" {
				return
			}
			of, key = f.SlotA(fn), ast.NodeID(args[0])
		case ast.Attribute:
			if f.IdentOf(s.Node) == "access_route" && s.Of("request") {
				out = append(out, s)
			}
			return
		default:
			return
		}
		name := f.IdentOf(of)
		if f.Kind(key) != ast.Constant || name != "headers" && name != "environ" || f.Kind(of) != ast.Attribute || f.IdentOf(f.SlotA(of)) != "request" {
			return
		}
		if at := (rule.Site{Module: s.Module, Node: key, Func: s.Func}); canonical(at) != "" {
			out = append(out, at)
		}
	}, "X-Forwarded-For", "HTTP_X_FORWARDED_FOR", "X-Real-IP", "HTTP_X_REAL_IP", "True-Client-IP", "X-Client-IP", "access_route")
	return out
}

// takesLast: the last entry is the one that the nearest proxy wrote.
func takesLast(s rule.Site) bool {
	line := lineOf(s)
	return strings.Contains(line, "[-1]") || strings.Contains(line, "rsplit(")
}

// isShown: the header is put down under its own name, as a page about the request does.
func isShown(s rule.Site, header string) bool {
	line := strings.ToLower(lineOf(s))
	name := strings.ToLower(header)
	return strings.Contains(line, `'`+name+`':`) || strings.Contains(line, `"`+name+`":`) || isPrinted(s)
}

// isPrinted: the header is read for a line of the log.
func isPrinted(s rule.Site) bool {
	f, found := s.Module.File, false
	at := f.Span(s.Node)
	f.Walk(f.Root, func(n ast.NodeID) bool {
		span := f.Span(n)
		if found || span.End < at.Start || span.Start > at.End {
			return false
		}
		found = f.Kind(n) == ast.Call && isLogging(f, f.SlotA(n)) && !(f.Span(f.SlotA(n)).End > at.Start)
		return !found
	})
	return found
}

// isLogging: logger.info, app.logger.warning.
func isLogging(f *ast.File, callee ast.NodeID) bool {
	if f.Kind(callee) != ast.Attribute || !strings.Contains(strings.ToLower(f.Text(f.SlotA(callee))), "log") {
		return false
	}
	switch f.IdentOf(callee) {
	case "debug", "info", "warning", "warn", "error", "exception", "critical":
		return true
	}
	return false
}

// overwritten reports whether every nginx in front replaces the header by the address it sees.
func overwritten(p *rule.Pass, header string) bool {
	front := httpFront(p)
	for _, pr := range front {
		d := sets(pr, header)
		if d == nil || strings.Contains(d.Arg(1), "$http_") || strings.Contains(d.Arg(1), "$proxy_add") {
			return false
		}
	}
	return len(front) > 0
}

// edge reports what nginx itself believes or hands on.
func edge(p *rule.Pass) {
	for _, c := range p.Project.Deploy.Edge.Nginx {
		if c.Dev {
			continue
		}
		nginx.Walk(c.Directives, func(d *nginx.Directive) {
			if d.Name == "set_real_ip_from" && (d.Arg(0) == "0.0.0.0/0" || d.Arg(0) == "::/0") {
				f := p.AtLine("edge-append", d.File, d.Line)
				f.Message = "nginx takes the visitor's address from a header that anyone may send"
				p.Report(f)
			}
		})
	}
	seen := map[*nginx.Directive]bool{}
	for _, pr := range httpFront(p) {
		for _, h := range pr.Block.List("proxy_set_header") {
			value := strings.ToLower(h.Arg(1))
			name := strings.ToLower(h.Arg(0))
			if seen[h] || !slices.Contains([]string{"x-forwarded-for", "x-real-ip"}, name) || value != "$http_x_forwarded_for" && value != "$http_x_real_ip" {
				continue
			}
			seen[h] = true
			f := rule.NotVisible(p.AtLine("edge-append", h.File, h.Line), visibility.EdgeForwarded)
			f.Message = "nginx hands on " + h.Arg(0) + " as the visitor sent it"
			p.Report(f)
		}
	}
}
