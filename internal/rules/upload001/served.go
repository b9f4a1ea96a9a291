package upload001

import (
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// stored is a folder that uploads of unchecked type go to.
type stored struct {
	folder string
	at     *flow.Event
}

// served reports answers that show such a folder's files in the browser, as whatever they are.
func served(p *rule.Pass, uploads []stored) {
	if len(uploads) == 0 {
		return
	}
	p.Named(rule.Leads("flask.send_from_directory", "flask.send_file"), func(at rule.Place) {
		f := at.Mod.File
		path := at.Path(f.SlotA(at.Node))
		args := f.ListB(at.Node)
		if isDownload(f, at.Node) || len(args) == 0 {
			return
		}
		fn := p.Project.Flow.Func(at.Func)
		folder := folderOf(fn, ast.NodeID(args[0]), path == "flask.send_from_directory", 0)
		for _, u := range uploads {
			if folder != "" && folder == u.folder {
				r := at.Report("served-active")
				r.Message = "uploads of any type are shown in the browser: a page or a drawing with a script in it runs as part of this site"
				r.Related = append(r.Related, finding.Location{Path: u.at.Func.Module.Source.Path, Span: u.at.Func.SpanOf(u.at.Node), Note: "stored here"})
				p.Report(r)
				return
			}
		}
	}, ast.Call)
}

// isDownload: the browser is told to save the file, or what type it has.
func isDownload(f *ast.File, call ast.NodeID) bool {
	if n := f.KeywordArg(call, "as_attachment"); n != 0 && f.Text(n) != "False" {
		return true
	}
	return f.KeywordArg(call, "mimetype") != 0
}

// maxSteps bounds how far a folder is followed through assignments.
const maxSteps = 6

// folderOf is the expression for the folder of a path, as text without the application in front: config["UPLOADS"] of
// os.path.join(app.config["UPLOADS"], name). whole means that the expression is the folder itself.
func folderOf(fn *ir.Func, n ast.NodeID, whole bool, steps int) string {
	f := fn.Module.File
	if n == 0 || steps > maxSteps {
		return ""
	}
	switch f.Kind(n) {
	case ast.Name:
		if v := assigned(f, fn.Node, f.IdentOf(n)); v != 0 {
			return folderOf(fn, v, whole, steps+1)
		}
	case ast.Call:
		switch f.IdentOf(f.SlotA(n)) {
		case "join", "safe_join":
			if args := f.ListB(n); len(args) > 0 {
				return folderOf(fn, ast.NodeID(args[0]), true, steps+1)
			}
		case "str", "Path", "abspath", "realpath":
			if args := f.ListB(n); len(args) > 0 {
				return folderOf(fn, ast.NodeID(args[0]), whole, steps+1)
			}
		}
	case ast.BinOp:
		return folderOf(fn, f.SlotA(n), true, steps+1)
	case ast.JoinedStr:
		text := strings.TrimLeft(f.Text(n), `fF"'`)
		if i := strings.IndexByte(text, '{'); i > 0 {
			return strings.TrimRight(text[:i], "/")
		}
		return ""
	}
	if !whole {
		return ""
	}
	text := f.Text(n)
	for _, app := range [...]string{"current_app.", "app.", "self."} {
		text = strings.TrimPrefix(text, app)
	}
	return strings.TrimRight(strings.Trim(strings.ReplaceAll(text, "'", `"`), `"`), "/")
}

// assigned is the last expression that a function assigns to a name; 0 when it assigns none.
func assigned(f *ast.File, root ast.NodeID, name string) ast.NodeID {
	var found ast.NodeID
	f.Walk(root, func(n ast.NodeID) bool {
		if f.Kind(n) == ast.Assign && f.SlotB(n) != 0 {
			for _, t := range f.ListA(n) {
				if f.Kind(ast.NodeID(t)) == ast.Name && f.IdentOf(ast.NodeID(t)) == name {
					found = f.SlotB(n)
				}
			}
		}
		return true
	})
	return found
}
