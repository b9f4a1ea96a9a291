package semantic

import (
	"cmp"
	"slices"
	"sync"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// Program is all files of an audit, linked.
type Program struct {
	Modules []*ir.Module // by path
	Classes []*ir.Class  // by ClassID
	// StarsCut: star imports bring so many names that the last of them bring none.
	StarsCut bool

	infos     []*FileInfo // by Module.Index
	funcBase  []ir.FuncID // by Module.Index; one more entry at the end
	classBase []ir.ClassID
	funcMod   []uint32 // by FuncID: Module.Index
	byName    map[string]*ir.Module
	root      *dir
	dirs      []*dir   // by Module.Index: where the file is
	stars     [][]star // by Module.Index
	// starred is, by Module.Index, which import brings a name that a star stands for.
	starred  []map[string]uint32
	outside  []string // by Module.Index: the library that a star takes all else from
	srcRoots []*dir   // folders that are likely on sys.path besides those above a file
	// namespaces are folders without __init__ that `import folder.module` names.
	namespaces map[string]bool
	added      map[string][]*dir // by name: the folders that hold it, in a program that extends sys.path
	isLibrary  func(top string) bool
	scratch    sync.Pool
}

// star is an import of a `*` and the imports that it was expanded to.
type star struct{ at, lo, hi uint32 }

// Build scans and links files one after another. A caller with several processors scans by itself and calls Link.
func Build(files []*ast.File) *Program {
	infos := make([]*FileInfo, len(files))
	for i, f := range files {
		infos[i] = Scan(f)
	}
	return Link(infos)
}

// Link joins files into a program. The order of infos does not matter; it must not hold two files of one path.
func Link(infos []*FileInfo) *Program { return LinkBeside(infos, nil) }

// LinkBeside is Link for a caller that knows the top-level names of libraries.
func LinkBeside(infos []*FileInfo, isLibrary func(top string) bool) *Program {
	p := &Program{infos: slices.Clone(infos), byName: map[string]*ir.Module{}, isLibrary: isLibrary}
	slices.SortFunc(p.infos, func(a, b *FileInfo) int { return cmp.Compare(a.File.Src.Path, b.File.Src.Path) })
	p.number()
	p.placeModules()
	p.linkImports()
	return p
}

func (p *Program) number() {
	p.Modules = make([]*ir.Module, len(p.infos))
	funcs, classes := ir.FuncID(0), ir.ClassID(0)
	for i, fi := range p.infos {
		p.funcBase, p.classBase = append(p.funcBase, funcs), append(p.classBase, classes)
		p.Modules[i] = &ir.Module{File: fi.File, Source: fi.File.Src, Body: funcs, Index: i}
		for range fi.Funcs {
			p.funcMod = append(p.funcMod, uint32(i))
		}
		funcs += ir.FuncID(len(fi.Funcs))
		classes += ir.ClassID(len(fi.Classes))
	}
	p.funcBase, p.classBase = append(p.funcBase, funcs), append(p.classBase, classes)
	p.Classes = make([]*ir.Class, 0, classes)
	for i, fi := range p.infos {
		for j := range fi.Classes {
			c := &fi.Classes[j]
			p.Classes = append(p.Classes, &ir.Class{ID: ir.ClassID(len(p.Classes)), Name: fi.File.IdentOf(c.Node),
				QualName: fi.QualName(c.Body), Module: p.Modules[i], Node: c.Node, Body: p.funcBase[i] + ir.FuncID(c.Body)})
		}
	}
}

// Scratch keeps buffers of package lower between calls; they hold nothing of the program.
func (p *Program) Scratch() *sync.Pool { return &p.scratch }

// NumFuncs is the number of functions; FuncIDs are below it.
func (p *Program) NumFuncs() int { return len(p.funcMod) }

// Info is what the module's file says.
func (p *Program) Info(m *ir.Module) *FileInfo { return p.infos[m.Index] }

// Where is the module of a function and its number in the module's FileInfo.
func (p *Program) Where(id ir.FuncID) (*ir.Module, uint32) {
	m := p.funcMod[id]
	return p.Modules[m], uint32(id - p.funcBase[m])
}

// FuncID is the program-wide number of a function of a module.
func (p *Program) FuncID(m *ir.Module, local uint32) ir.FuncID {
	return p.funcBase[m.Index] + ir.FuncID(local)
}

// ClassID is the program-wide number of a class of a module.
func (p *Program) ClassID(m *ir.Module, local uint32) ir.ClassID {
	return p.classBase[m.Index] + ir.ClassID(local)
}

// Class is a class by number, nil for ir.NoClass.
func (p *Program) Class(id ir.ClassID) *ir.Class {
	if int(id) >= len(p.Classes) {
		return nil
	}
	return p.Classes[id]
}

// ClassOf is the class whose body holds a function, or NoClass.
func (p *Program) ClassOf(id ir.FuncID) ir.ClassID {
	m, local := p.Where(id)
	if c := p.Info(m).Funcs[local].Class; c >= 0 {
		return p.ClassID(m, uint32(c))
	}
	return ir.NoClass
}

// FuncName and QualName name a function.
func (p *Program) FuncName(id ir.FuncID) string {
	m, local := p.Where(id)
	return p.Info(m).FuncName(local)
}

// QualName is the function's __qualname__.
func (p *Program) QualName(id ir.FuncID) string {
	m, local := p.Where(id)
	return p.Info(m).QualName(local)
}

// StarImports are the imports that the star import number i of a module stands for. They exist when its module is part of
// the program.
func (p *Program) StarImports(m *ir.Module, i uint32) (lo, hi uint32) {
	stars := p.stars[m.Index]
	at, ok := slices.BinarySearchFunc(stars, i, func(s star, i uint32) int { return cmp.Compare(s.at, i) })
	if !ok {
		return 0, 0
	}
	return stars[at].lo, stars[at].hi
}

// StarName is the name that an expanded star import binds.
func (p *Program) StarName(m *ir.Module, i uint32) string {
	im := &m.Imports[i]
	if im.Name != "" {
		return im.Name
	}
	return lastPart(im.Module) // a submodule
}
