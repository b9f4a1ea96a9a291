package semantic

import (
	"strings"

	"stopper/internal/ir"
)

const (
	// maxStarNames bounds what one star import is expanded to; a module that exports more is generated code.
	maxStarNames = 4096
	// maxAllStars bounds what all star imports are expanded to: each of a thousand modules may pass on the names of all others.
	maxAllStars = 1 << 19
)

// linkImports fills Module.Imports: entry i is import i of the file, and the entries after those are expanded stars.
func (p *Program) linkImports() {
	p.stars, p.namespaces = make([][]star, len(p.Modules)), map[string]bool{}
	for i, m := range p.Modules {
		fi := p.infos[i]
		m.Imports = make([]ir.Import, len(fi.Imports))
		for j := range fi.Imports {
			m.Imports[j] = p.link(m, &fi.Imports[j])
		}
	}
	p.linkStars()
}

// linkStars appends to the imports of each module what its stars bring.
func (p *Program) linkStars() {
	p.starred, p.outside = make([]map[string]uint32, len(p.Modules)), make([]string, len(p.Modules))
	exports := exporter{p: p, left: maxAllStars, memo: map[*ir.Module][]string{}, busy: map[*ir.Module]bool{}}
	left := maxAllStars
	for i, m := range p.Modules {
		for j := range p.infos[i].Imports {
			im, isGlobal := m.Imports[j], p.infos[i].Imports[j].Scope == 0
			if im.IsStar && im.Local == nil && isGlobal && p.outside[i] == "" {
				p.outside[i] = im.Module
			}
			if !im.IsStar || im.Local == nil {
				continue
			}
			lo, names := uint32(len(m.Imports)), exports.of(im.Local)
			if len(names) > left {
				names, p.StarsCut = nil, true
			}
			left -= len(names)
			for _, name := range names {
				m.Imports = append(m.Imports, p.linkName(ir.Import{Module: im.Module, Name: name, Local: im.Local}, nil))
			}
			p.stars[i] = append(p.stars[i], star{uint32(j), lo, uint32(len(m.Imports))})
			if isGlobal {
				p.bindStar(m, lo)
			}
		}
	}
	p.StarsCut = p.StarsCut || exports.left <= 0
}

// bindStar notes which import gives a name to a module: those of a later star win.
func (p *Program) bindStar(m *ir.Module, lo uint32) {
	names := p.starred[m.Index]
	if names == nil {
		names = make(map[string]uint32, len(m.Imports)-int(lo))
		p.starred[m.Index] = names
	}
	for j := lo; j < uint32(len(m.Imports)); j++ {
		names[p.StarName(m, j)] = j
	}
}

// InNamespace finds a module behind `import a.b` where folder a has no __init__: what attribute b of a is. path is dotted
// from the top; nil for a library.
func (p *Program) InNamespace(from *ir.Module, path string) *ir.Module {
	if len(p.namespaces) == 0 {
		return nil
	}
	if top, _, _ := strings.Cut(path, "."); !p.namespaces[top] {
		return nil
	}
	m, _ := p.find(from, path)
	return m
}

func (p *Program) link(m *ir.Module, im *ImportInfo) ir.Import {
	out := ir.Import{Module: im.Module}
	var folder *dir
	if im.Level > 0 {
		out.Module, out.Local, folder = p.relative(m, im.Level, im.Module)
	} else {
		out.Local, folder = p.find(m, im.Module)
	}
	switch {
	case im.IsFrom && im.Name == "*":
		out.IsStar = true
	case im.IsFrom:
		out.Name = im.Name
	case im.As == "" && strings.Contains(im.Module, "."):
		out.TopOnly = true
		top, _, _ := strings.Cut(im.Module, ".")
		if out.Local, folder = p.find(m, top); out.Local == nil && folder != nil {
			p.namespaces[top] = true
		}
		return out
	}
	if out.Local != nil {
		out.Module = out.Local.Name
	}
	return p.linkName(out, folder)
}

// linkName turns `from package import submodule` into an import of the submodule, unless the package binds the name to
// something else.
func (p *Program) linkName(im ir.Import, folder *dir) ir.Import {
	if im.Name == "" || im.IsStar {
		return im
	}
	if im.Local != nil {
		if !im.Local.IsPackage || p.bindsOther(im.Local, im.Name) {
			return im
		}
		folder = p.dirs[im.Local.Index]
	}
	if folder == nil {
		return im
	}
	if sub, _ := folder.descend(im.Name); sub != nil {
		return ir.Import{Module: sub.Name, Local: sub}
	}
	return im
}

// bindsOther reports whether a package gives a name a value other than its submodule of that name. `from . import views`
// in app/__init__.py binds the submodule.
func (p *Program) bindsOther(m *ir.Module, name string) bool {
	fi := p.Info(m)
	y, ok := fi.Lookup(0, name)
	if !ok {
		return false
	}
	for i := fi.binds[y]; i >= 0; i = fi.Bindings[i].next {
		b := &fi.Bindings[i]
		if b.Kind != BindImport {
			return true
		}
		im := &fi.Imports[b.At]
		fromSelf := im.IsFrom && im.Name == name && (im.Level == 1 && im.Module == "" || im.Level == 0 && im.Module == m.Name)
		if !fromSelf {
			return true
		}
	}
	return false
}

// relative resolves the dots of a relative import. The name is absolute even when nothing is found.
func (p *Program) relative(m *ir.Module, level int, name string) (string, *ir.Module, *dir) {
	d := p.dirs[m.Index]
	for range level - 1 {
		if d == nil {
			break
		}
		d = d.up
	}
	if d == nil {
		return strings.Repeat(".", level) + name, nil, nil
	}
	if name == "" {
		return p.dirName(d), d.init, d
	}
	local, folder := d.descend(name)
	abs := name
	if base := p.dirName(d); base != "" {
		abs = base + "." + name
	}
	return abs, local, folder
}

// dirName is the dotted name of a folder as a package.
func (p *Program) dirName(d *dir) string {
	if d.init != nil && d.init.Name != "" {
		return d.init.Name
	}
	name := ""
	for ; d != nil && d.up != nil; d = d.up {
		if name == "" {
			name = d.name
		} else {
			name = d.name + "." + name
		}
	}
	return name
}

// exporter finds what `from m import *` brings; modules that star-import each other end in busy.
type exporter struct {
	p    *Program
	left int // names that may still be gathered
	memo map[*ir.Module][]string
	busy map[*ir.Module]bool
}

func (e *exporter) of(m *ir.Module) []string {
	if names, ok := e.memo[m]; ok {
		return names
	}
	if e.busy[m] {
		return nil
	}
	e.busy[m] = true
	defer delete(e.busy, m)
	names := e.collect(m)
	e.memo[m] = names
	return names
}

func (e *exporter) collect(m *ir.Module) []string {
	fi := e.p.Info(m)
	if fi.HasAll && len(fi.All) > 0 {
		return fi.All[:min(len(fi.All), maxStarNames, e.left)]
	}
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if name != "" && !strings.HasPrefix(name, "_") && len(names) < maxStarNames && e.left > 0 && !seen[name] {
			seen[name] = true
			e.left--
			names = append(names, name)
		}
	}
	fi.EachSymbol(0, func(_ uint32, y *Symbol) {
		if y.Flags&SymBound != 0 {
			add(fi.File.Name(y.Sym))
		}
	})
	for i := range fi.Imports {
		if im := &m.Imports[i]; im.IsStar && im.Local != nil && fi.Imports[i].Scope == 0 {
			for _, name := range e.of(im.Local) {
				add(name)
			}
		}
	}
	return names
}
