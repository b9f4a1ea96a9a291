package xml001

import (
	"strings"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/rule"
)

// answer to: does the parser resolve external entities?
type answer uint8

const (
	no answer = iota
	depends
	yes
)

type parser struct {
	external  answer
	unlimited bool
	huge      bool // lxml's huge_tree
}

// parserOf finds out how the parser of a document was set up. The standard library resolves nothing unless a feature is
// switched on; lxml did by default until 5.0.
func parserOf(p *rule.Pass, h project.Hit) parser {
	if h.Callee == "xmltodict.parse" {
		return parser{unlimited: true} // its row asks for disable_entities=False
	}
	if !strings.HasPrefix(h.Callee, "lxml.") {
		return parser{external: featureOn(p, h)}
	}
	if strings.HasSuffix(h.Callee, ".iterparse") {
		return settings(h.Args)
	}
	a, ok := h.Args.At(1, "parser")
	if !ok && !strings.HasSuffix(h.Callee, ".feed") {
		return parser{external: depends}
	}
	if ok && isNone(a.Value) {
		return parser{external: depends}
	}
	recv := h.Recv
	if ok {
		recv = a.Value
	}
	for _, e := range made(p, "lxml.etree.XMLParser", recv) {
		return settings(&e.Args)
	}
	return parser{} // not visible how it was made
}

func isNone(v *value.Value) bool {
	return v != nil && v.IsConst && len(v.Consts()) == 1 && v.Consts()[0].Kind == ir.ConstNone
}

// settings reads the keywords of lxml's XMLParser.
func settings(args *flow.CallArgs) parser {
	var ps parser
	resolve, given := args.Keyword("resolve_entities")
	switch {
	case given && rule.IsTrue(resolve.Value):
		ps.external = yes
	case !given && !args.HasStarStar:
		ps.external = depends
	}
	load, _ := args.Keyword("load_dtd")
	network, _ := args.Keyword("no_network")
	if rule.IsTrue(load.Value) && rule.IsFalse(network.Value) {
		ps.external = yes
	}
	huge, _ := args.Keyword("huge_tree")
	ps.huge = rule.IsTrue(huge.Value)
	return ps
}

// featureOn reports whether the parser given to a function of the standard library, or the receiver, was told to fetch
// external entities.
func featureOn(p *rule.Pass, h project.Hit) answer {
	recv := h.Recv
	if a, ok := h.Args.At(1, "parser"); ok {
		recv = a.Value
	}
	on := no
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if e.Callee != "xml.sax.xmlreader.XMLReader.setFeature" || !sameObject(e.Recv, recv) || len(e.Args.Pos) < 2 {
			continue
		}
		name, _ := e.Args.Pos[0].Value.ConstStr()
		if !strings.HasSuffix(name, "external-general-entities") && !strings.HasSuffix(name, "external-parameter-entities") {
			continue
		}
		switch state := e.Args.Pos[1].Value; {
		case rule.IsTrue(state):
			on = yes
		case rule.IsFalse(state) && !e.Cond && strings.HasSuffix(name, "external-general-entities"):
			on = no
		}
	}
	return on
}

// made lists the calls of a constructor that a value may be the result of.
func made(p *rule.Pass, callee string, v *value.Value) []*flow.Event {
	var out []*flow.Event
	for i := range p.Project.Flow.Events {
		if e := &p.Project.Flow.Events[i]; e.Callee == callee && sameObject(e.Result, v) {
			out = append(out, e)
		}
	}
	return out
}

// sameObject reports whether two values share an object by where it was made.
func sameObject(a, b *value.Value) bool {
	if a == nil || b == nil {
		return false
	}
	for i := range a.Objs {
		for j := range b.Objs {
			if a.Objs[i].Site == b.Objs[j].Site && a.Objs[i].Site != (value.Site{}) {
				return true
			}
		}
	}
	return false
}
