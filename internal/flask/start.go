package flask

import (
	"slices"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
	"stopper/internal/startup"
)

// Start is a configuration class that the start of the application loads, as far as the environment that the tree shows
// decides which.
type Start struct {
	Class ir.ClassID
	// Variable is the one that most likely decides; "" when none does.
	Variable string
	// IsSet: the tree gives it a value. Otherwise the class is what the program loads without it.
	IsSet  bool
	Module *ir.Module
	Node   ast.NodeID // the call that loads it
}

// maxStarts bounds the loads that are noted, maxAsked the variables.
const (
	maxStarts = 50
	maxAsked  = 500
)

// asks notes that the program reads a variable.
func (b *builder) asks(name string) {
	if len(b.asked) >= maxAsked {
		b.trip(limitVariables)
		return
	}
	b.asked = append(b.asked, name)
}

// configured notes which class a call of from_object loads. What several classes may be is not noted.
func (b *builder) configured(in *startup.Interp, args startup.Args) startup.Value {
	at := in.Place()
	if at.Module == nil || len(args.Pos) == 0 {
		return startup.None{}
	}
	if len(b.Starts) >= maxStarts {
		b.trip(limitLoads)
		return startup.None{}
	}
	class, ok := args.Pos[0].(*startup.Class)
	if i, isInstance := args.Pos[0].(*startup.Instance); isInstance && i.Class != nil {
		class, ok = i.Class, true
	}
	if s, isText := str(args.Pos[0]); isText {
		if module, name, has := cutLast(s); has {
			if m := in.ImportModule(module); m != nil {
				class, ok = in.Attr(m, name).(*startup.Class)
			}
		}
	}
	if !ok || class.Mod == nil || class.Mod.IR == nil {
		return startup.None{}
	}
	id, found := b.classAt(class.Mod.IR, class.Node)
	if !found {
		return startup.None{}
	}
	s := Start{Class: id, Module: at.Module, Node: at.Node}
	for i := len(b.asked) - 1; i >= 0 && s.Variable == ""; i-- {
		if choosesConfiguration(b.asked[i]) {
			s.Variable = b.asked[i]
		}
	}
	if s.Variable != "" {
		_, s.IsSet = b.getenv(s.Variable)
	}
	if !slices.Contains(b.Starts, s) {
		b.Starts = append(b.Starts, s)
	}
	return startup.None{}
}

// startAt is the one class that the start loads at a call; false when it loads none, or several.
func (m *Model) startAt(module *ir.Module, node ast.NodeID) (Start, bool) {
	var found Start
	has := false
	for _, s := range m.Starts {
		switch {
		case s.Module != module || s.Node != node:
		case has && s.Class != found.Class:
			return Start{}, false
		default:
			found, has = s, true
		}
	}
	return found, has
}

// decided gives production the class that it is told to load: a variable that the tree hands to the server's own process
// names it, whatever the class is called. What the other classes say is replaced.
func (c *configReader) decided() {
	for _, s := range c.Starts {
		if one, ok := c.startAt(s.Module, s.Node); !ok || one != s || !s.IsSet || !c.started(s.Variable) {
			continue
		}
		c.choose(s)
	}
}

func (c *configReader) choose(s Start) {
	first := map[string]ir.ClassID{} // by key: the class whose value counts
	own := map[ir.ClassID]bool{}
	for _, t := range c.prog.MRO(s.Class) {
		if t.Kind != semantic.TargetClass {
			continue
		}
		own[t.Class] = true
		for _, key := range c.res.ClassAttrs(t.Class) {
			if _, ok := first[key]; !ok {
				first[key] = t.Class
			}
		}
	}
	for i := range c.Config {
		set := &c.Config[i]
		if set.Class == "" || !own[set.classID] && !c.isAlternative(set.classID, own, s) {
			continue
		}
		if id, ok := first[set.Key]; !ok || id != set.classID {
			set.Replaced, set.Env = true, Development
			continue
		}
		set.Replaced, set.Cond, set.Loaded, set.How = false, false, true, "from_object"
		set.Env, set.ChosenBy = Production, s.Variable
	}
}

// isAlternative: the same call may load the class, or it shares a base with the chosen one.
func (c *configReader) isAlternative(id ir.ClassID, own map[ir.ClassID]bool, s Start) bool {
	if l := c.classes[id]; l != nil && l.Func.Module == s.Module && l.Node == s.Node {
		return true
	}
	for _, t := range c.prog.MRO(id) {
		if t.Kind == semantic.TargetClass && own[t.Class] {
			return true
		}
	}
	return false
}

// choosesConfiguration: the words of a variable that says which configuration is meant.
func choosesConfiguration(name string) bool {
	for _, w := range strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return r == '_' }) {
		switch w {
		case "CONFIG", "CONF", "CONFIGURATION", "SETTINGS", "SETTING", "ENV", "ENVIRONMENT", "MODE", "STAGE", "DEBUG", "PROFILE":
			return true
		}
	}
	return false
}

func cutLast(dotted string) (module, name string, ok bool) {
	i := strings.LastIndexByte(dotted, '.')
	if i < 0 {
		return "", "", false
	}
	return dotted[:i], dotted[i+1:], true
}

func (b *builder) classAt(m *ir.Module, node ast.NodeID) (ir.ClassID, bool) {
	for _, c := range b.prog.Classes {
		if c.Module == m && c.Node == node {
			return c.ID, true
		}
	}
	return ir.NoClass, false
}
