package template

import (
	"maps"
	"slices"

	"stopper/internal/htmlctx"
	"stopper/internal/jinja"
)

// prepare finds the parent of a template and the states of the page at all blocks.
func (s *Set) prepare(f *file) {
	if f.hasState || f.busy {
		return
	}
	f.busy = true
	f.blocks = map[string]htmlctx.State{}
	if f.extends != nil {
		for _, name := range s.names(f, f.extends.Kids[0]) {
			if p := s.find(name, f.path); p != nil && p != f {
				f.parent = p
				break
			}
		}
	}
	if f.parent == nil {
		skim(f.tree.Root.Body, htmlctx.Start(), f.blocks)
	} else {
		s.prepare(f.parent)
		for name, st := range f.parent.blocks {
			f.blocks[name] = st
		}
		for _, b := range topBlocks(f.tree.Root.Body) {
			skim(b.Body, f.blocks[b.Text], f.blocks)
		}
	}
	f.hasState, f.busy = true, false
}

// maxChain bounds how many templates extend each other.
const maxChain = 16

// chain is a template and its parents, the outermost last.
func (f *file) chain() []*file {
	list := []*file{f}
	for p := f.parent; p != nil && len(list) < maxChain; p = p.parent {
		list = append(list, p)
	}
	return list
}

// blockNames are the names of all blocks of a chain, in order.
func blockNames(chain []*file) []string {
	seen := map[string]bool{}
	for _, f := range chain {
		for name := range f.defines {
			seen[name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// callsSuper reports whether a block shows the one that it replaces.
func callsSuper(b *jinja.Node) bool {
	found := false
	jinja.Walk(b, func(n *jinja.Node) bool {
		found = found || n.Kind == jinja.Name && n.Text == "super"
		return !found
	})
	return found
}

// topBlocks are the blocks of a template that extends another.
func topBlocks(list []*jinja.Node) []*jinja.Node {
	var out []*jinja.Node
	for _, n := range list {
		switch n.Kind {
		case jinja.Block:
			out = append(out, n)
		case jinja.If, jinja.With, jinja.Autoescape:
			out = append(out, topBlocks(n.Body)...)
			out = append(out, topBlocks(n.Else)...)
		}
	}
	return out
}

// skim moves a state of the page behind statements. It notes in blocks the state at each block that has none yet; blocks
// may be nil.
func skim(list []*jinja.Node, st htmlctx.State, blocks map[string]htmlctx.State) htmlctx.State {
	for _, n := range list {
		switch n.Kind {
		case jinja.Data:
			st = st.Text(n.Text)
		case jinja.Output, jinja.Print, jinja.CallBlock:
			_, st = st.Hole()
		case jinja.Trans:
			st = skim(n.Body, st, blocks)
		case jinja.If:
			yes, no := skim(n.Body, st, blocks), skim(n.Else, st, blocks)
			st = htmlctx.Join(yes, no)
		case jinja.For:
			once := skim(n.Body, st, blocks)
			none := skim(n.Else, st, blocks)
			st = htmlctx.Join(once, none)
		case jinja.Block:
			if blocks != nil {
				if _, known := blocks[n.Text]; !known {
					blocks[n.Text] = st
				}
			}
			st = skim(n.Body, st, blocks)
		case jinja.With, jinja.Autoescape, jinja.FilterTag:
			st = skim(n.Body, st, blocks)
		}
	}
	return st
}
