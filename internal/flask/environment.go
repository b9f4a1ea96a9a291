package flask

import (
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// Environment is where a configuration value applies, as far as names and conditions say.
type Environment uint8

// Environments. The zero value is "nothing says", which includes production.
const (
	AnyEnvironment Environment = iota
	Production
	Development
	Testing
)

func (e Environment) String() string {
	return [...]string{"", "production", "development", "tests"}[min(e, Testing)]
}

// environmentOf joins what is known: a test module stands for tests whatever it says.
func environmentOf(m *ir.Module, by Environment, function string) Environment {
	switch {
	case m.IsTest:
		return Testing
	case by != AnyEnvironment:
		return by
	}
	if e := namedEnvironment(m.Source.Path[strings.LastIndexByte(m.Source.Path, '/')+1:]); e != AnyEnvironment && e != Production {
		return e
	}
	return namedEnvironment(function)
}

// variantsEnv: a value that counts in classes of development and of tests only is not for production.
func variantsEnv(variants []string, class string) Environment {
	if len(variants) == 0 {
		return namedEnvironment(class)
	}
	all := AnyEnvironment
	for i, v := range variants {
		e := namedEnvironment(v)
		if e == AnyEnvironment || e == Production {
			return e
		}
		if i == 0 || e == Development {
			all = e
		}
	}
	return all
}

// namedEnvironment reads the words of a name: ProductionConfig, test_settings, LocalConfig.
func namedEnvironment(name string) Environment {
	for _, w := range words(name) {
		for _, tail := range [...]string{"config", "settings", "conf"} {
			w = strings.TrimSuffix(w, tail) // devconfig.py
		}
		switch w {
		case "dev", "devel", "develop", "development", "local", "debug", "example", "sample", "demo", "tutorial":
			return Development
		case "test", "tests", "testing", "ci", "unittest", "unittests":
			return Testing
		case "prod", "production", "live", "staging", "stage", "deploy":
			return Production
		}
	}
	return AnyEnvironment
}

// words splits a name at everything that is no letter, and where a capital follows a small letter.
func words(name string) []string {
	var out []string
	start := 0
	flush := func(end int) {
		if end > start {
			out = append(out, strings.ToLower(name[start:end]))
		}
		start = end
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		isLetter := 'a' <= c|0x20 && c|0x20 <= 'z'
		switch {
		case !isLetter:
			flush(i)
			start = i + 1
		case c < 'a' && i > start && name[i-1] >= 'a':
			flush(i)
		case c < 'a' && i > start && i+1 < len(name) && 'a' <= name[i+1] && name[i+1] <= 'z':
			flush(i) // the last capital of "CIConfig" begins the next word
		}
	}
	flush(len(name))
	return out
}

// conditionEnv reads the conditions around a node: `if app.debug:`, `if os.environ["ENV"] == "production":`, and their else.
func conditionEnv(file *ast.File, owner, node ast.NodeID) Environment {
	if file == nil || owner == 0 || node == 0 {
		return AnyEnvironment
	}
	at := file.Span(node).Start
	found := AnyEnvironment
	list := file.Body(owner)
	for depth := 0; depth < maxConditions; depth++ {
		next, e := enclosing(file, list, at)
		if e != AnyEnvironment {
			found = e
		}
		if next == nil {
			return found
		}
		list = next
	}
	return found
}

// EnvironmentAt is where a place of a function's body applies, by the conditions around it and the names it stands in.
func EnvironmentAt(fn *ir.Func, node ast.NodeID) Environment {
	return environmentOf(fn.Module, conditionEnv(fn.Module.File, fn.Node, node), fn.QualName)
}

// EnvironmentOfNode is where a place of a module applies, by the conditions around it and the module's name.
func EnvironmentOfNode(m *ir.Module, node ast.NodeID) Environment {
	if m.File == nil {
		return AnyEnvironment
	}
	return environmentOf(m, conditionEnv(m.File, m.File.Root, node), "")
}

// maxConditions bounds how deep statements are looked into.
const maxConditions = 50

// enclosing finds the statement of a list that a place stands in, and the list within it.
func enclosing(file *ast.File, list []uint32, at uint32) ([]uint32, Environment) {
	for _, s := range list {
		id := ast.NodeID(s)
		if sp := file.Span(id); at < sp.Start || at >= sp.End {
			continue
		}
		if within(file, file.Body(id), at) {
			if file.Kind(id) == ast.If {
				return file.Body(id), testEnv(file, file.SlotA(id), false)
			}
			return file.Body(id), AnyEnvironment
		}
		if within(file, file.Orelse(id), at) {
			if file.Kind(id) == ast.If {
				return file.Orelse(id), testEnv(file, file.SlotA(id), true)
			}
			return file.Orelse(id), AnyEnvironment
		}
		return nil, AnyEnvironment
	}
	return nil, AnyEnvironment
}

func within(file *ast.File, list []uint32, at uint32) bool {
	if len(list) == 0 {
		return false
	}
	return file.Span(ast.NodeID(list[0])).Start <= at && at < file.Span(ast.NodeID(list[len(list)-1])).End
}

// maxTest bounds the text of a condition that is looked at.
const maxTest = 300

// testEnv judges a condition by its words: which environment it speaks of, and whether it denies it.
func testEnv(file *ast.File, test ast.NodeID, isElse bool) Environment {
	text := file.Text(test)
	if len(text) > maxTest {
		return AnyEnvironment
	}
	e := namedEnvironment(text)
	if e == AnyEnvironment {
		return e
	}
	text = strings.ReplaceAll(text, "is not None", "")
	denied := strings.Contains(text, "!=") || strings.Contains(text, "not ") || strings.Contains(text, "not(") || strings.Contains(text, "is None")
	if denied == isElse {
		return e
	}
	switch e {
	case Production:
		return Development
	case Development:
		return Production
	}
	return AnyEnvironment // not a test: anything else
}
