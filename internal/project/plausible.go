package project

import (
	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/models"
)

// maxUnknownCalls is how many callees that nobody knows a value may go through and still be believed to be what a stranger
// sent. Each one is a guess that what comes out holds what went in; beyond this many the guess is wrong more often than
// right, and the flow is left out.
const maxUnknownCalls = 3

// isPlausible reports whether a label can be what the sink's argument is made of.
func isPlausible(h *flow.Hit, l *value.Label) bool {
	if l.UnknownCalls() > maxUnknownCalls {
		return false
	}
	if l.Origin.Source == models.Stored && !carriesStored(h.Kind) {
		return false
	}
	return true
}

// harmful is the argument of a sink with the taint of what can do harm there, so that rules that look at its shape see a
// number in a path as the number it is.
func (p *Project) harmful(h flow.Hit) *value.Value {
	return value.KeepLabels(h.Value, func(l *value.Label) bool {
		if l.Origin.Kind == value.OriginParam {
			_, ok := p.converter(l.Origin.Func, int(l.Origin.Param))
			return ok
		}
		return !l.Cleared.Has(h.Kind) && isOutside(l.Origin.Source) && !p.isStaticPath(*l) && isPlausible(&h, l)
	})
}

// carriesStored lists the sinks at which stored text is dangerous whoever wrote it: pages and templates show everybody what
// one user saved. A file name, an address or a table name out of the database is the program's own bookkeeping unless a
// way is seen in which a stranger puts it there.
func carriesStored(k models.SinkKind) bool {
	switch k {
	case models.PathRead, models.PathWrite, models.URLFetch, models.URLRedirect, models.SQL, models.Format, models.TemplateName,
		models.Argv, models.Program, models.XPath, models.LDAP, models.LDAPDN, models.NoSQL, models.Log, models.Regex, models.Header,
		models.Cookie, models.Import, models.SetAttr, models.MassAssign, models.Archive, models.SessionKey, models.SessionValue:
		return false
	}
	return true
}

// isInMemory reports whether the argument is an open file, not the name of one: an upload, or a buffer.
func isInMemory(h *flow.Hit) bool {
	switch h.Kind {
	case models.PathRead, models.PathWrite, models.URLFetch:
	default:
		return false
	}
	if isOpenFile(h.Value.Type) {
		return true
	}
	n := 0
	for i := range h.Value.Objs {
		o := &h.Value.Objs[i]
		if o.Kind != value.ObjLibrary || !isOpenFile(o.Path) {
			return false
		}
		n++
	}
	return n > 0 && !h.Value.AnyObj
}

func isOpenFile(typ string) bool {
	switch typ {
	case "werkzeug.FileStorage", "io.BytesIO", "io.StringIO", "io.TextIOWrapper", "io.BufferedReader", "io.FileIO":
		return true
	}
	return false
}
