package xss001

import (
	"strings"

	"stopper/internal/python/ast"
)

// jsonText is json.dumps(x.anything) between tags: JSON is no HTML, whatever it holds.
func (m *maker) jsonText(e, of ast.NodeID) string {
	f := m.f
	switch f.Kind(of) {
	case ast.Attribute, ast.Subscript:
		if m.isLocal(of) {
			return f.Text(f.SlotA(e)) + "(" + f.Text(of) + ")"
		}
	}
	return ""
}

// isJSON: what was found is such a text.
func (m *maker) isJSON() bool {
	return m.f.Kind(m.found) == ast.Call && strings.HasSuffix(m.f.Text(m.f.SlotA(m.found)), "dumps")
}
