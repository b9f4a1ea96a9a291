package flask

import (
	"slices"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// Names of dynaconf's files when the program names none, in the order in which they are read.
var dynaconfFiles = [...]string{
	"settings.py", "settings.toml", "settings.yaml", "settings.yml", "settings.ini", "settings.json",
	".secrets.py", ".secrets.toml", ".secrets.yaml", ".secrets.yml", ".secrets.ini", ".secrets.json",
}

// dynaconf notes a program that takes its configuration from dynaconf, with the files and the prefix of variables that it
// names. FlaskDynaconf's variables begin with FLASK_, those of Dynaconf alone with DYNACONF_.
func (c *configReader) dynaconf() {
	for _, m := range c.prog.Modules {
		uses := slices.ContainsFunc(m.Imports, func(im ir.Import) bool { return im.Local == nil && im.Module == "dynaconf" })
		fn := c.res.Func(m.Body)
		if !uses || m.IsTest || m.File == nil || fn == nil {
			continue
		}
		l := ConfigLoad{Method: "dynaconf", Name: "the files and variables of dynaconf", Func: fn, Node: m.File.Root}
		m.File.Walk(m.File.Root, func(n ast.NodeID) bool {
			if m.File.Kind(n) == ast.Call {
				l.dynaconfCall(m.File, n)
			}
			return true
		})
		if len(l.Files) == 0 {
			l.Files = dynaconfFiles[:]
		}
		c.Loads = append(c.Loads, l)
		return
	}
}

// maxDynaconf bounds the files of one program.
const maxDynaconf = 50

func (l *ConfigLoad) dynaconfCall(file *ast.File, call ast.NodeID) {
	switch file.IdentOf(file.SlotA(call)) {
	case "FlaskDynaconf":
		if l.Prefix == "" || l.Prefix == "DYNACONF" {
			l.Prefix = "FLASK"
		}
	case "Dynaconf", "LazySettings":
		if l.Prefix == "" {
			l.Prefix = "DYNACONF"
		}
	default:
		return
	}
	for _, a := range file.ListB(call) {
		id := ast.NodeID(a)
		if file.Kind(id) != ast.Keyword {
			continue
		}
		v := file.SlotB(id)
		switch file.IdentOf(id) {
		case "settings_files", "settings_file", "SETTINGS_FILE", "SETTINGS_FILES", "settings_file_for_dynaconf", "SETTINGS_FILE_FOR_DYNACONF", "secrets", "includes":
			l.addFiles(file, v)
		case "envvar_prefix", "ENVVAR_PREFIX", "ENVVAR_PREFIX_FOR_DYNACONF":
			if s, ok := file.Str(v); ok {
				l.Prefix = s
			}
		}
	}
}

func (l *ConfigLoad) addFiles(file *ast.File, v ast.NodeID) {
	list := []uint32{uint32(v)}
	if k := file.Kind(v); k == ast.List || k == ast.Tuple {
		list = file.ListA(v)
	}
	for _, n := range list {
		if s, ok := file.Str(ast.NodeID(n)); ok && len(l.Files) < maxDynaconf {
			l.Files = append(l.Files, s)
		}
	}
}
