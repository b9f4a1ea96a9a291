package xss001

import (
	"path"
	"slices"
	"strings"

	"stopper/internal/flow"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// overlooked reports an environment that escapes by the end of a template's name, and loads pages with other ends:
//
//	Environment(loader=FileSystemLoader("mails"), autoescape=select_autoescape())  # mails/welcome.html.jinja2
func overlooked(p *rule.Pass, e *flow.Event, a flow.Arg) {
	file := e.Func.Module.File
	if e.Callee != "jinja2.Environment" || e.Func.Module.IsTest || file == nil || file.Kind(e.Node) != ast.Call {
		return
	}
	ends, ok := escapedEnds(file, a.Node)
	if !ok {
		return
	}
	folder := loaderFolder(file, e.Node)
	if folder == "" {
		return
	}
	page := pageWithoutEnd(p, folder, ends)
	if page == "" {
		return
	}
	f := report(p, e)
	f.Message = "this environment escapes templates by the end of their names, and pages such as " + path.Base(page) + " have another one"
}

// escapedEnds are the ends of names for which select_autoescape(…) switches escaping on; ok is false when they are not written down, and
// where it escapes everything else.
func escapedEnds(file *ast.File, call ast.NodeID) (ends []string, ok bool) {
	if file.Kind(call) != ast.Call || file.IdentOf(file.SlotA(call)) != "select_autoescape" {
		return nil, false
	}
	enabled := file.KeywordArg(call, "enabled_extensions")
	if args := file.ListB(call); enabled == 0 && len(args) > 0 && file.Kind(ast.NodeID(args[0])) != ast.Keyword {
		enabled = ast.NodeID(args[0])
	}
	if file.KeywordArg(call, "default") != 0 || len(file.ListB(call)) > 2 {
		return nil, false
	}
	if enabled == 0 {
		return []string{"html", "htm", "xml"}, true
	}
	if k := file.Kind(enabled); k != ast.List && k != ast.Tuple && k != ast.Set {
		return nil, false
	}
	for _, n := range file.ListA(enabled) {
		s, known := file.Str(ast.NodeID(n))
		if !known {
			return nil, false
		}
		ends = append(ends, strings.ToLower(strings.TrimLeft(s, ".")))
	}
	return ends, len(ends) > 0
}

// pageWithoutEnd is a template below a folder of this name that is HTML by its name, and has none of the ends.
func pageWithoutEnd(p *rule.Pass, folder string, ends []string) string {
	for _, f := range p.Project.Work.Files {
		name := strings.ToLower(path.Base(f.Path))
		if !strings.Contains("/"+f.Path, "/"+folder+"/") || !isHTMLName(name) {
			continue
		}
		if !slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(name, "."+end) }) {
			return f.Path
		}
	}
	return ""
}

// isHTMLName: welcome.html.jinja2, welcome_html.j2.
func isHTMLName(name string) bool {
	base, ext := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
	return slices.Contains([]string{".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template"}, ext) &&
		(strings.HasSuffix(base, "html") || strings.HasSuffix(base, ".htm"))
}
