package project

import (
	"slices"
	"strings"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// maxGuesses is how often a value may go through a callee that nobody knows, or another approximation, and still be believed
// to be what a stranger sent. Each one is a guess that what comes out holds what went in. Of 34 flows into flaws that were
// really fixed in real applications none needed more than one; of the flows beyond two hardly any is right.
const maxGuesses = 2

// isPlausible reports whether a label can be what the sink's argument is made of.
func isPlausible(h *flow.Hit, l *value.Label) bool {
	if l.Guesses() > maxGuesses || isServersOwn(l.Origin.Name) || takesPath(h.Kind) && isUpload(l) {
		return false
	}
	if l.Origin.Source == models.Stored && !carriesStored(h.Kind) {
		// A signed token comes back from the browser: its claims are what the visitor asked to have signed. Whoever packed an
		// archive chose what its members are called.
		return h.Kind == models.URLRedirect && strings.HasPrefix(l.Origin.Name, "token claims") ||
			h.Kind == models.PathWrite && l.Origin.Name == "name inside an archive"
	}
	if l.Marks&value.MarkSession != 0 && !carriesWritten(h.Kind) {
		return h.Kind == models.URLRedirect // whoever follows a link to the first page is sent on by the second
	}
	return l.Origin.Source != models.Written || carriesWritten(h.Kind)
}

// takesPath: the sink opens, writes or names a file.
func takesPath(k models.SinkKind) bool { return k == models.PathRead || k == models.PathWrite }

// isUpload: what stands in request.files is an open file, with a name in an attribute of its own. Passed to what takes a path or an
// open file, it chooses no path.
func isUpload(l *value.Label) bool {
	return (l.Origin.Name == "request.files" || strings.HasPrefix(l.Origin.Name, "request.files[")) && l.Marks == 0 && l.IsUntouched()
}

// isServersOwn: an entry of the WSGI environment under a key in small letters is what the server, or a middleware, puts there
// beside the words of the client, which stand under HTTP_REFERER, QUERY_STRING and the like.
func isServersOwn(name string) bool {
	key, ok := strings.CutPrefix(name, "request.environ[")
	return ok && key != strings.ToUpper(key) && !strings.HasPrefix(key, `"wsgi.input`)
}

// carriesWritten lists the sinks at which it matters that one request wrote what another reads there. Where people are sent, what
// is logged and which fields are set is what such columns are for.
func carriesWritten(k models.SinkKind) bool {
	switch k {
	case models.SQL, models.Shell, models.Argv, models.Program, models.PathRead, models.PathWrite, models.URLFetch, models.Template,
		models.TemplateName, models.Deserialize, models.Code, models.XPath, models.LDAP, models.LDAPDN, models.XML, models.CSV, models.Mail,
		models.Archive, models.HTML, models.HTMLAttr, models.HTMLURL, models.HTMLScript:
		return true
	}
	return false
}

// harmful is the argument of a sink with the taint of what can do harm there, so that rules that look at its shape see a
// number in a path as the number it is.
func (p *Project) harmful(h flow.Hit) *value.Value {
	return value.KeepLabels(h.Value, func(l *value.Label) bool {
		if l.Origin.Kind == value.OriginParam {
			_, _, ok := p.fill(l.Origin.Func, int(l.Origin.Param))
			return ok
		}
		return !l.Cleared.Has(h.Kind) && isOutside(l.Origin.Source) && !p.isStaticPath(*l) && isPlausible(&h, l)
	})
}

// carriesStored lists the sinks at which stored text is dangerous whoever wrote it: pages and templates show everybody what
// one user saved. A file name, an address or a table name out of the database is the program's own bookkeeping unless a
// way is seen in which a stranger puts it there; a setting that one request leaves in an object of the process is there to
// choose folders and hosts.
func carriesStored(k models.SinkKind) bool {
	switch k {
	case models.PathRead, models.PathWrite, models.URLFetch, models.URLRedirect, models.SQL, models.Format, models.TemplateName,
		models.Argv, models.Program, models.XPath, models.LDAP, models.LDAPDN, models.NoSQL, models.Log, models.Regex, models.Header,
		models.Cookie, models.Import, models.SetAttr, models.MassAssign, models.Archive, models.SessionKey, models.SessionValue:
		return false
	}
	return true
}

// TwoDots is the check that takes the separators out of a name, or finds none, where ".." is enough.
const TwoDots = "a name without separators may still be \"..\""

// OnlyRoute is the check that nothing but the URL's rule makes: a part of it holds no slash.
const OnlyRoute = "only the URL's rule keeps slashes out"

// OneUp is the same check where ".." is enough: behind a folder of the program it leads to the one above, and no further.
const OneUp = "a part of the URL holds no slash, and may be \"..\""

// uncover takes back what was cleared of labels that can be ".." where that climbs: the name of a folder with more of the path
// behind it. A folder up is as far as it goes, unless the names come from a list of any length.
func uncover(h *flow.Hit) {
	if h.Kind != models.PathRead && h.Kind != models.PathWrite || h.Value == nil || h.Value.Str == nil {
		return
	}
	climbing, times := map[value.Origin]bool{}, map[value.Origin]int{}
	for i := range h.Value.Str.Parts {
		part := &h.Value.Str.Parts[i]
		for _, l := range part.Taint {
			times[l.Origin]++
			if i > 0 && part.NoSlash && !part.NoClimb && !l.Cleared.Has(models.PathParent) && h.Value.Str.DotDotClimbs(i, TakesDirectory(h.Callee)) {
				climbing[l.Origin] = true
			}
		}
	}
	minds := func(l *value.Label) {
		if !climbing[l.Origin] {
			return
		}
		if times[l.Origin] == 1 {
			l.AddWeak([]value.WeakGuard{{Kind: h.Kind, Name: TwoDots, Defeats: ".."}})
		}
		l.Cleared &^= models.Kinds(models.PathRead, models.PathWrite)
	}
	if len(climbing) > 0 {
		h.Value = value.MapLabels(h.Value, minds)
		h.Labels = value.MapLabels(&value.Value{Taint: h.Labels}, minds).Taint
	}
}

// climbs reports whether a URL part without a slash still leaves the directory before it: ".." with more of the path behind it.
//
//	send_from_directory(f"static/{group}", name)
//
// behind: it does so behind a text of the program alone, so that it comes one folder up.
func climbs(h *flow.Hit, fn ir.FuncID, param int32) (yes, behind bool) {
	s := h.Value.Str
	if s == nil {
		return false, false
	}
	for i := range s.Parts {
		isParam := slices.ContainsFunc(s.Parts[i].Taint, func(l value.Label) bool {
			return l.Origin.Kind == value.OriginParam && l.Origin.Func == fn && l.Origin.Param == param
		})
		if isParam && s.DotDotClimbs(i, TakesDirectory(h.Callee)) {
			yes, behind = true, i > 0 && !yes
		}
	}
	return yes, behind
}

// TakesDirectory reports whether a call is given a directory rather than a file.
func TakesDirectory(callee string) bool {
	switch callee[strings.LastIndexByte(callee, '.')+1:] {
	case "listdir", "scandir", "walk", "fwalk", "rmtree", "copytree", "make_archive", "chdir", "iterdir", "glob", "rglob", "rmdir",
		"removedirs", "send_from_directory", "chroot", "move", "rename", "replace":
		return true
	}
	return false
}

// isInMemory reports whether the argument is an open file, not the name of one: an upload, or a buffer.
func isInMemory(h *flow.Hit) bool {
	switch h.Kind {
	case models.PathRead, models.PathWrite, models.URLFetch:
	default:
		return false
	}
	if isOpenFile(h.Value.Type) || takesOpenFile(h.Callee) && isContent(h.Labels) {
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
	return n > 0 && !h.Value.AnyObj && !h.Value.Loose
}

// takesOpenFile: the call reads an archive or a table out of a file or out of its name.
func takesOpenFile(callee string) bool {
	for _, lib := range [...]string{"zipfile.", "tarfile.", "pandas.", "PIL.Image.", "openpyxl.", "numpy."} {
		if strings.HasPrefix(callee, lib) {
			return true
		}
	}
	return false
}

// isContent: an upload, or what was read out of one, kept in an attribute or wrapped in a buffer that was not seen.
func isContent(labels []value.Label) bool {
	return len(labels) > 0 && !slices.ContainsFunc(labels, func(l value.Label) bool {
		return l.Origin.Name != uploadContent && !strings.HasPrefix(l.Origin.Name, "request.files[")
	})
}

// uploadContent is what the models call the bytes of an upload.
const uploadContent = "content of an uploaded file"

func isOpenFile(typ string) bool {
	switch typ {
	case "werkzeug.FileStorage", "io.BytesIO", "io.StringIO", "io.TextIOWrapper", "io.BufferedReader", "io.FileIO":
		return true
	}
	return false
}

// SurestFirst puts in front what a report tells first and judges by: words of this request before stored ones, and of those the ones that
// went through the fewest guesses.
func SurestFirst(labels []value.Label) []value.Label {
	if len(labels) < 2 {
		return labels
	}
	doubts := func(l *value.Label) int {
		n := l.Guesses()
		if l.Origin.Source != models.Remote && l.Origin.Source != models.Guessable {
			n += 1 << 20
		}
		return n
	}
	out := slices.Clone(labels)
	slices.SortStableFunc(out, func(a, b value.Label) int { return doubts(&a) - doubts(&b) })
	return out
}
