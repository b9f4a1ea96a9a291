package upload001

import (
	"regexp"
	"strings"

	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// ofType are words of code that looks at what kind of file it answers with.
var ofType = regexp.MustCompile(`(?i)mime|content_?type|\b(type|kind|ext|extension)\b`)

// download are words of code that keeps a browser from showing a file.
var download = regexp.MustCompile(`(?i)["']attachment\s*[;"']|as_attachment\s*=\s*True|octet-stream`)

// denied reports answers that send pages as downloads and leave drawings out, which run scripts as well:
//
//	if "html" in mimetype or "javascript" in mimetype:
//	    headers["Content-Disposition"] = "attachment"
func denied(p *rule.Pass) {
	p.Nodes(func(at rule.Place) {
		f := at.Mod.File
		test := f.SlotA(at.Node)
		if at.Mod.IsTest || !namesPagesOnly(f, test) || !ofType.MatchString(f.Text(test)) || !forcesDownload(f, at.Node) {
			return
		}
		if len(p.Project.RoutesReaching(at.Func)) == 0 {
			return
		}
		r := p.AtNode("served-active", at.Mod, test)
		if fn := p.Project.Flow.Func(at.Func); fn != nil {
			r = p.At("served-active", fn, test)
		}
		r.Severity = r.Severity - 1
		r.Message = "pages are sent as downloads here and SVG drawings are not: a script in one runs as part of this site"
		p.Report(r)
	}, ast.If)
}

// namesPagesOnly: the condition asks for HTML, and for no kind of XML.
func namesPagesOnly(f *ast.File, test ast.NodeID) bool {
	pages, others, refuses := false, false, false
	f.Walk(test, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.UnaryOp:
			refuses = true // `not in` an allow list, as a rule
		case ast.Compare:
			refuses = refuses || strings.Contains(f.Text(n), " not in ") || strings.Contains(f.Text(n), "!=")
		}
		if s, ok := f.Str(n); ok {
			s = strings.ToLower(s)
			pages = pages || strings.Contains(s, "html")
			others = others || strings.Contains(s, "svg") || strings.TrimLeft(s, "./+") == "xml" || strings.HasPrefix(s, "image/") || strings.HasPrefix(s, "text/") && !strings.Contains(s, "html")
		}
		return true
	})
	return pages && !others && !refuses
}

func forcesDownload(f *ast.File, node ast.NodeID) bool {
	for _, s := range f.Body(node) {
		if download.MatchString(f.Text(ast.NodeID(s))) {
			return true
		}
	}
	return false
}
