package proxy001

import (
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// configWrites reports settings of the whole application that a header of one request decides.
func configWrites(p *rule.Pass) {
	p.Named(rule.Into(ast.Subscript), func(at rule.Place) {
		if fn := p.Project.Flow.Func(at.Func); fn == nil || fn.Kind != ir.KindFunction && fn.Kind != ir.KindLambda {
			return
		}
		key, v := settingOf(at)
		if v == 0 {
			return
		}
		header := ""
		at.Derives(v, func(n ast.NodeID) bool {
			if h := forwarded(at, n); h != "" {
				header = h
			}
			return header != ""
		})
		if header == "" {
			return
		}
		f := at.Report("config-write")
		f.Message = key + " of the whole application is set from " + header + " of one request, which the visitor can write"
		p.Report(f)
	}, ast.Assign)
}

// settingOf is the key and the value of current_app.config[key] = value; 0 for anything else.
func settingOf(at rule.Place) (string, ast.NodeID) {
	f := at.Mod.File
	for _, t := range f.ListA(at.Node) {
		target := ast.NodeID(t)
		if f.Kind(target) != ast.Subscript {
			continue
		}
		d := f.Dotted(f.SlotA(target))
		key, ok := f.Str(f.SlotB(target))
		if ok && (strings.HasSuffix(d, "app.config") || at.Path(f.SlotA(target)) == "flask.current_app.config") {
			return key, f.SlotB(at.Node)
		}
	}
	return "", 0
}

// forwarded names the header or property of the request by which it says how it got here.
func forwarded(at rule.Place, n ast.NodeID) string {
	switch h := at.Header(n); h {
	case "X_FORWARDED_PROTO":
		return "X-Forwarded-Proto"
	case "X_FORWARDED_HOST":
		return "X-Forwarded-Host"
	case "X_FORWARDED_SCHEME", "X_SCHEME", "X_FORWARDED_SSL", "X_FORWARDED_PREFIX", "X_SCRIPT_NAME", "HOST", "ORIGIN":
		return strings.ReplaceAll(h, "_", "-")
	}
	if at.Mod.File.Kind(n) == ast.Attribute {
		switch path := at.Path(n); path {
		case "flask.request.host", "flask.request.host_url", "flask.request.url_root":
			return "the Host header"
		}
	}
	return ""
}
