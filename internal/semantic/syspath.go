package semantic

import "stopper/internal/python/ast"

// Folders that the program puts on sys.path by itself. Which ones is seldom to be read from the code, for it comes from the
// environment: sys.path.append(os.environ["APP_LIB"]). So a name that leads nowhere else is looked for in all folders, and counts
// where exactly one of them has it.

// extendsSysPath: n is sys.path.append(…), insert or extend, or site.addsitedir(…).
func extendsSysPath(f *ast.File, n *ast.Node) bool {
	callee := &f.Nodes[n.A]
	if callee.Kind != ast.Attribute {
		return false
	}
	on := &f.Nodes[callee.A]
	switch f.Name(ast.Sym(callee.B)) {
	case "addsitedir":
		return on.Kind == ast.Name && f.Name(ast.Sym(on.A)) == "site"
	case "append", "insert", "extend":
		return on.Kind == ast.Attribute && f.Name(ast.Sym(on.B)) == "path" &&
			f.Nodes[on.A].Kind == ast.Name && f.Name(ast.Sym(f.Nodes[on.A].A)) == "sys"
	}
	return false
}

// findAddedPaths notes for each name which folders would make it importable, when any file extends sys.path.
func (p *Program) findAddedPaths() {
	extends := false
	for i, fi := range p.infos {
		extends = extends || fi.extendsPath && !p.Modules[i].IsTest
	}
	if !extends {
		return
	}
	p.added = map[string][]*dir{}
	seen := map[*dir]bool{p.root: true}
	for i, d := range p.dirs {
		if p.Modules[i].IsTest {
			continue
		}
		for ; d != nil && !seen[d]; d = d.up {
			seen[d] = true
			if d.init == nil && !isBundled(d) {
				for _, m := range d.modules {
					p.added[stem(m.Source.Path)] = append(p.added[stem(m.Source.Path)], d)
				}
			}
			if d.up != nil && d.up.init == nil && !isBundled(d.up) {
				p.added[d.name] = append(p.added[d.name], d.up)
			}
		}
	}
}

// isBundled: the folder holds copies of libraries, which are better known by their names.
func isBundled(d *dir) bool {
	for ; d != nil; d = d.up {
		switch d.name {
		case "vendor", "vendored", "_vendor", "third_party", "thirdparty", "site-packages", "dist-packages", "node_modules":
			return true
		}
	}
	return false
}

// addedPath is the one folder that makes a name importable; nil for a name that a library may have.
func (p *Program) addedPath(head, name string) *dir {
	var found *dir
	if len(p.added[head]) == 0 || isStandard(head) || p.isLibrary != nil && p.isLibrary(head) {
		return nil
	}
	for _, d := range p.added[head] {
		if m, sub := d.descend(name); m == nil && sub == nil || d == found {
			continue
		}
		if found != nil {
			return nil
		}
		found = d
	}
	return found
}
