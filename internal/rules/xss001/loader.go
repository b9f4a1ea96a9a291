package xss001

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/flow"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// loadsNoPages reports whether what an environment loads is visibly no HTML: the folder of its loader is in the tree and holds
// configuration, code or mails in plain text, or it is only asked for such templates by name.
func loadsNoPages(p *rule.Pass, e *flow.Event) bool {
	file := e.Func.Module.File
	if file == nil || file.Kind(e.Node) != ast.Call {
		return false
	}
	if folder := loaderFolder(file, e.Node); folder != "" {
		if known, pages := holdsPages(p, folder); known {
			return !pages
		}
	}
	return asksForNoPages(file)
}

// maxBack bounds how many variables are followed from the environment to the name of the folder.
const maxBack = 4

// loaderFolder is the folder that the loader among the arguments of a call reads, as far as it is written down: the end of its
// path; "" when it is not.
func loaderFolder(file *ast.File, call ast.NodeID) string {
	loader := ast.NodeID(0)
	for _, a := range file.ListB(call) {
		arg := ast.NodeID(a)
		if file.Kind(arg) == ast.Keyword {
			if file.IdentOf(arg) != "loader" {
				continue
			}
			arg = file.SlotB(arg)
		}
		loader = back(file, arg)
		break
	}
	if loader == 0 || file.Kind(loader) != ast.Call {
		return ""
	}
	args := file.ListB(loader)
	switch name := file.IdentOf(file.SlotA(loader)); {
	case name == "FileSystemLoader" && len(args) > 0:
		at := ast.NodeID(args[0])
		if file.Kind(at) == ast.Keyword && file.IdentOf(at) == "searchpath" {
			at = file.SlotB(at)
		}
		return folderText(file, at)
	case name == "PackageLoader" && len(args) == 1:
		return "templates"
	case name == "PackageLoader" && len(args) > 1:
		return folderText(file, ast.NodeID(args[1]))
	}
	return ""
}

// back follows a name to the only value that the file gives it.
func back(file *ast.File, e ast.NodeID) ast.NodeID {
	for range maxBack {
		if file.Kind(e) != ast.Name {
			return e
		}
		name, value, times := file.IdentOf(e), ast.NodeID(0), 0
		file.Walk(file.Root, func(n ast.NodeID) bool {
			if file.Kind(n) == ast.Assign {
				for _, t := range file.ListA(n) {
					if file.Kind(ast.NodeID(t)) == ast.Name && file.IdentOf(ast.NodeID(t)) == name {
						value, times = file.SlotB(n), times+1
					}
				}
			}
			return true
		})
		if times != 1 {
			return 0
		}
		e = value
	}
	return 0
}

// folderText is the end of a path that texts of an expression make: "configs" of os.path.join(root, "configs"); "" when the path
// ends in something else, or in "..".
func folderText(file *ast.File, e ast.NodeID) string {
	e = back(file, e)
	if e == 0 {
		return ""
	}
	if s, ok := file.Str(e); ok {
		return cleanFolder(s)
	}
	if levels := ownFolder(file, e, 0); levels > 0 {
		return cleanFolder(up(file.Src.Path, levels))
	}
	switch file.Kind(e) {
	case ast.BinOp: // Path(__file__).parent / "templates"
		if last, ok := file.Str(file.SlotB(e)); ok {
			return cleanFolder(last)
		}
	case ast.Call:
		args := file.ListB(e)
		switch name := file.IdentOf(file.SlotA(e)); {
		case len(args) == 0:
		case name == "join":
			last, ok := file.Str(ast.NodeID(args[len(args)-1]))
			if ok && len(args) > 1 {
				return cleanFolder(last)
			}
		case name == "with_name", name == "joinpath":
			if last, ok := file.Str(ast.NodeID(args[len(args)-1])); ok {
				return cleanFolder(last)
			}
		case name == "str", name == "abspath", name == "realpath", name == "Path":
			return folderText(file, ast.NodeID(args[len(args)-1]))
		}
	}
	return ""
}

// maxFolders bounds how deep the expression of a file's own folder is.
const maxFolders = 8

// ownFolder is how many levels above its own file an expression names a folder: 1 for Path(__file__).resolve().parent and
// os.path.dirname(os.path.abspath(__file__)); 0 for the file itself, less when it is something else.
func ownFolder(file *ast.File, e ast.NodeID, depth int) int {
	const other = -maxFolders
	if file.Kind(e) == ast.Name && file.IdentOf(e) == "__file__" {
		return 0
	}
	if e = back(file, e); e == 0 || depth > maxFolders {
		return other
	}
	switch file.Kind(e) {
	case ast.Attribute:
		if file.IdentOf(e) == "parent" {
			return ownFolder(file, file.SlotA(e), depth+1) + 1
		}
	case ast.Call:
		fn, args := file.SlotA(e), file.ListB(e)
		switch name := file.IdentOf(fn); {
		case len(args) == 0 && file.Kind(fn) == ast.Attribute && (name == "resolve" || name == "absolute"):
			return ownFolder(file, file.SlotA(fn), depth+1)
		case len(args) == 1 && name == "dirname":
			return ownFolder(file, ast.NodeID(args[0]), depth+1) + 1
		case len(args) == 1 && (name == "Path" || name == "str" || name == "abspath" || name == "realpath"):
			return ownFolder(file, ast.NodeID(args[0]), depth+1)
		}
	}
	return other
}

// up is the folder that stands so many levels above a file.
func up(name string, levels int) string {
	for range levels {
		name = path.Dir(name)
	}
	return name
}

func cleanFolder(s string) string {
	s = strings.Trim(path.Clean(strings.ReplaceAll(s, `\`, "/")), "/")
	if s == "." || strings.Contains(s, "..") || strings.Contains(s, ":") {
		return ""
	}
	return s
}

// holdsPages looks at the files of the tree below each folder whose path ends so. known: there are some.
func holdsPages(p *rule.Pass, folder string) (known, pages bool) {
	for _, f := range p.Project.Work.Files {
		if !strings.Contains("/"+f.Path, "/"+folder+"/") {
			continue
		}
		if known = true; isPageName(f.Path) && (!mayBeText(f.Path) || holdsTags(p, f.Path)) {
			return true, true
		}
	}
	return known, false
}

// mayBeText: the name of a template does not say that it is HTML, as it does not for most prompts of language models.
func mayBeText(name string) bool {
	base := strings.ToLower(path.Base(name))
	if ext := path.Ext(base); isSuffix(ext) {
		base = strings.TrimSuffix(base, ext)
	}
	ext := path.Ext(base)
	return ext == "" || ext == ".md"
}

// pageTag is an element that stands in pages and mails, and not among the invented ones of prompts and messages.
var pageTag = regexp.MustCompile(`(?i)<(?:!doctype|html|head|body|div|span|p|br|hr|a|b|i|em|strong|h[1-6]|ul|ol|li|dl|table|tr|td|th|img|form|input|button|label|select|script|style|link|meta|pre|iframe|svg|nav|section|article|main|footer)[\s/>]`)

// holdsTags reports whether a file holds HTML, or cannot be read.
func holdsTags(p *rule.Pass, name string) bool {
	text, err := p.Project.Work.Read(name)
	return err != nil || pageTag.Match(text)
}

// asksForNoPages: every template that a file asks for is named in it, and none is a page.
func asksForNoPages(file *ast.File) bool {
	asked, pages := 0, false
	file.Walk(file.Root, func(n ast.NodeID) bool {
		if file.Kind(n) != ast.Call {
			return true
		}
		args := file.ListB(n)
		switch file.IdentOf(file.SlotA(n)) {
		case "get_template", "select_template", "get_or_select_template":
			asked++
			name := ""
			if len(args) > 0 {
				name = endOfName(file, ast.NodeID(args[0]))
			}
			pages = pages || name == "" || isPageName(name)
		case "from_string", "render_template_string":
			pages = true
		}
		return true
	})
	return asked > 0 && !pages
}

// endOfName is a text, or the end of one that begins with something else: "%s.py.template" % name, f"{name}.conf.j2".
func endOfName(file *ast.File, e ast.NodeID) string {
	if s, ok := file.Str(e); ok {
		return s
	}
	switch file.Kind(e) {
	case ast.BinOp:
		if s, ok := file.Str(file.SlotB(e)); ok {
			return s
		}
		s, _ := file.Str(file.SlotA(e))
		return s
	case ast.JoinedStr:
		if parts := file.ListA(e); len(parts) > 0 {
			s, _ := file.Str(ast.NodeID(parts[len(parts)-1]))
			return s
		}
	}
	return ""
}

// isSuffix: an ending says of a file that it is a template, and not of what.
func isSuffix(ext string) bool {
	return slices.Contains([]string{".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template"}, ext)
}

// isPageName: by its name, a template may be HTML. What ends in nothing but .j2 may be anything.
func isPageName(name string) bool {
	base := strings.ToLower(path.Base(name))
	ext := path.Ext(base)
	if isSuffix(ext) {
		base = strings.TrimSuffix(base, ext)
		ext = path.Ext(base)
		if ext == "" {
			return true
		}
	}
	switch ext {
	case "", ".html", ".htm", ".xhtml", ".xml", ".svg", ".md", ".mjml", ".vue", ".php":
		return true
	}
	return false
}
