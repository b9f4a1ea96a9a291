package semantic

import (
	"path"
	"strings"

	"stopper/internal/ir"
)

// dir is a folder that holds Python files, or leads to one.
type dir struct {
	name    string
	up      *dir
	dirs    map[string]*dir
	modules map[string]*ir.Module
	init    *ir.Module // __init__.py
	isRoot  bool       // of a Python project, by its setup.py
}

func (d *dir) sub(name string) *dir {
	s := d.dirs[name]
	if s == nil {
		s = &dir{name: name, up: d}
		if d.dirs == nil {
			d.dirs = map[string]*dir{}
		}
		d.dirs[name] = s
	}
	return s
}

// placeModules builds the tree of folders and names every module.
//
// What a file is called depends on sys.path at run time. The name is relative to the folder that holds the outermost
// package around the file; for a file in no package, to the root of the repository or to its src folder. When two files
// want one name, the later one is called by its whole path. Import statements do not go by these names but look for
// files as Python does, see find.
func (p *Program) placeModules() {
	p.root = &dir{}
	for _, m := range p.Modules {
		d := p.root
		dirname, _ := path.Split(m.Source.Path)
		for part := range strings.SplitSeq(dirname, "/") {
			if part != "" && part != "." {
				d = d.sub(part)
			}
		}
		p.dirs = append(p.dirs, d)
		d.put(stem(m.Source.Path), m)
	}
	for i, m := range p.Modules {
		m.IsTest = isTestPath(m.Source.Path)
		m.Name = p.moduleName(p.dirs[i], m)
		if p.byName[m.Name] != nil {
			m.Name = p.pathName(p.dirs[i], m, nil)
		}
		if p.byName[m.Name] == nil { // a module and a package of one name: the package comes first by path
			p.byName[m.Name] = m
		}
	}
	p.findSourceRoots()
	p.findAddedPaths()
}

// stem is the name of a module by its file.
func stem(file string) string {
	return strings.TrimSuffix(strings.TrimSuffix(path.Base(file), ".py"), ".pyi")
}

func (d *dir) put(stem string, m *ir.Module) {
	if stem == "__init__" {
		d.init, m.IsPackage = m, true
		return
	}
	if stem == "setup" {
		d.isRoot = true
	}
	if d.modules == nil {
		d.modules = map[string]*ir.Module{}
	}
	d.modules[stem] = m
}

func (p *Program) moduleName(d *dir, m *ir.Module) string {
	if d.init != nil {
		top := d
		for top.up != nil && top.up.init != nil {
			top = top.up
		}
		return p.pathName(d, m, top.up)
	}
	top := d
	for top.up != nil && top.up.up != nil {
		top = top.up
	}
	if top.up == p.root && top.name == "src" {
		return p.pathName(d, m, top)
	}
	return p.pathName(d, m, nil)
}

// pathName is the dotted path below a folder.
func (p *Program) pathName(d *dir, m *ir.Module, below *dir) string {
	name := ""
	if !m.IsPackage {
		name = stem(m.Source.Path)
	}
	for ; d != nil && d != below && d.up != nil; d = d.up {
		if name == "" {
			name = d.name
		} else {
			name = d.name + "." + name
		}
	}
	if name == "" {
		return "__init__"
	}
	return name
}

func isTestPath(p string) bool {
	dirname, base := path.Split(p)
	for part := range strings.SplitSeq(dirname, "/") {
		switch part {
		case "test", "tests", "testing", "unittests":
			return true
		}
	}
	return strings.HasPrefix(base, "test_") || strings.HasSuffix(base, "_test.py") || base == "conftest.py"
}

// findSourceRoots collects folders that hold packages and have a name or a setup.py that says they are put on sys.path.
func (p *Program) findSourceRoots() {
	seen := map[*dir]bool{p.root: true}
	for _, d := range p.dirs {
		for ; d != nil && d.up != nil; d = d.up {
			if seen[d] {
				break
			}
			seen[d] = true
			if d.init == nil && (d.isRoot || isSourceRootName(d.name)) {
				p.srcRoots = append(p.srcRoots, d)
			}
		}
	}
}

func isSourceRootName(name string) bool {
	switch name {
	case "src", "lib", "python", "backend", "server", "source", "api", "app", "web":
		return true
	}
	return false
}

// Module finds a module by a dotted name: its own, or any path that leads to it from the root of the repository or from a
// source folder.
func (p *Program) Module(name string) *ir.Module {
	if m := p.byName[name]; m != nil {
		return m
	}
	m, _ := p.find(nil, name)
	return m
}

// descend walks a dotted path below a folder. It returns the module, or the folder when there is one without __init__.
func (d *dir) descend(name string) (*ir.Module, *dir) {
	for {
		head, rest, more := strings.Cut(name, ".")
		next := d.dirs[head]
		if !more {
			if next != nil && next.init != nil {
				return next.init, next
			}
			if m := d.modules[head]; m != nil {
				return m, nil
			}
			return nil, next
		}
		if next == nil {
			return nil, nil
		}
		d, name = next, rest
	}
}

// find looks for an absolute import as Python would, if any folder above the importing file, or a source folder, were on
// sys.path. The nearest folder wins. Inside a package the importing file's own folder counts only last, for a script that
// is run from inside its package.
func (p *Program) find(from *ir.Module, name string) (*ir.Module, *dir) {
	head, _, _ := strings.Cut(name, ".")
	var folder *dir
	try := func(d *dir) *ir.Module {
		if d.dirs[head] == nil && d.modules[head] == nil {
			return nil
		}
		m, sub := d.descend(name)
		if m != nil && m == from && !strings.Contains(name, ".") && d.modules[head] == from {
			return nil // flask.py that imports flask means the library
		}
		if folder == nil && sub != nil && sub.init == nil {
			folder = sub
		}
		return m
	}
	if from != nil {
		for d := p.dirs[from.Index]; d != nil; d = d.up {
			if d.init == nil {
				if m := try(d); m != nil {
					return m, nil
				}
			}
		}
	} else if m := try(p.root); m != nil {
		return m, nil
	}
	for _, d := range p.srcRoots {
		if m := try(d); m != nil {
			return m, nil
		}
	}
	if from != nil {
		if d := p.dirs[from.Index]; d.init != nil {
			if m := try(d); m != nil && !p.importsItself(m, head) {
				return m, nil
			}
		}
	}
	if folder == nil {
		if d := p.addedPath(head, name); d != nil {
			return try(d), folder
		}
	}
	return nil, folder
}

// importsItself: app/celery.py with `from celery import Celery` shows that celery is a library, so that its neighbours
// mean the library too.
func (p *Program) importsItself(m *ir.Module, head string) bool {
	for i := range p.Info(m).Imports {
		im := &p.Info(m).Imports[i]
		if top, _, _ := strings.Cut(im.Module, "."); im.Level == 0 && top == head {
			return true
		}
	}
	return false
}
