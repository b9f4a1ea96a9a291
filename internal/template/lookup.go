package template

import (
	"path"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/jinja"
)

// find looks a template up by the name that a program calls it by. The folders in which a program looks are the choice of
// its set-up; here, a file whose path ends with the name is meant. Of several, the one nearest to the caller wins, which
// is how blueprints and plugins keep theirs. A folder named templates may stand anywhere in between, as themes have it.
func (s *Set) find(name, from string) *file {
	name = path.Clean("/" + name)[1:]
	var best *file
	bestScore := -1
	for _, f := range s.byBase[path.Base(name)] {
		if !endsWith(f.path, name) && !endsWith(withoutTemplates(f.path), withoutTemplates(name)) {
			continue
		}
		if score := nearness(f.path, name, from); score > bestScore {
			best, bestScore = f, score
		}
	}
	return best
}

// endsWith compares whole components.
func endsWith(file, name string) bool {
	return file == name || strings.HasSuffix(file, "/"+name)
}

func withoutTemplates(p string) string {
	return strings.TrimPrefix(strings.ReplaceAll("/"+p, "/templates/", "/"), "/")
}

// nearness is higher for a file that shares more folders with the caller, and among those for one right below a folder of
// templates.
func nearness(file, name, from string) int {
	score := 0
	a, b := strings.Split(file, "/"), strings.Split(from, "/")
	for i := 0; i < len(a)-1 && i < len(b)-1 && a[i] == b[i]; i++ {
		score += 4
	}
	if root, ok := strings.CutSuffix(file, name); ok && strings.HasSuffix(root, "templates/") {
		score += 2
	}
	return score*64 - min(len(a), 63) + 64
}

// escapeOf says whether Flask escapes what a template writes, which it decides by the end of the name.
func (s *Set) escapeOf(f *file) ir.Escape {
	base := strings.ToLower(path.Base(f.path))
	for _, ext := range []string{".html", ".htm", ".xml", ".xhtml", ".svg"} {
		if strings.HasSuffix(base, ext) {
			return ir.EscapeOn
		}
	}
	for _, ext := range []string{".j2", ".jinja2", ".jinja", ".tpl", ".tmpl", ".template"} {
		if inner, ok := strings.CutSuffix(base, ext); ok {
			base = inner
			break
		}
	}
	switch ext := path.Ext(base); ext {
	case ".html", ".htm", ".xhtml", "":
		if ext == "" && !isPage(f.tree) {
			return ir.EscapeNone
		}
		if s.reg.escapesAll {
			return ir.EscapeOn
		}
		if s.reg.customEscape {
			return ir.EscapeUnknown
		}
		return ir.EscapeOff
	}
	return ir.EscapeNone
}

// isPage reports whether the text of a template closes a tag.
func isPage(t *jinja.Tree) bool {
	found := false
	jinja.Walk(t.Root, func(n *jinja.Node) bool {
		if n.Kind == jinja.Data {
			if i := strings.Index(n.Text, "</"); i >= 0 && i+2 < len(n.Text) && n.Text[i+2]|0x20 >= 'a' && n.Text[i+2]|0x20 <= 'z' {
				found = true
			}
		}
		return !found && n.Kind < jinja.ImportName
	})
	return found
}

// names are the template names that an expression of a file may be, as far as they are written out: there, in a variable that the
// file sets, or where Python gives the variable to a template. Of one that is put together, the end is enough.
func (s *Set) names(f *file, n *jinja.Node) []string { return s.namesOf(f, n, 0) }

// maxNested bounds the variables that are followed for a name.
const maxNested = 4

func (s *Set) namesOf(f *file, n *jinja.Node, depth int) []string {
	if depth > maxNested {
		return nil
	}
	switch n.Kind {
	case jinja.Str:
		return []string{n.Text}
	case jinja.List, jinja.Tuple:
		for _, k := range n.Kids {
			if names := s.namesOf(f, k, depth+1); len(names) > 0 {
				return names
			}
		}
	case jinja.Cond:
		names := s.namesOf(f, n.Kids[1], depth+1)
		if n.Kids[2] != nil {
			names = append(names, s.namesOf(f, n.Kids[2], depth+1)...)
		}
		return names
	case jinja.Or:
		return append(s.namesOf(f, n.Kids[0], depth+1), s.namesOf(f, n.Kids[1], depth+1)...)
	case jinja.Filter:
		if (n.Text == "default" || n.Text == "d") && len(n.Kids) > 1 && n.Kids[0] != nil {
			return append(s.namesOf(f, n.Kids[0], depth+1), s.namesOf(f, n.Kids[1], depth+1)...)
		}
	case jinja.Concat, jinja.Binary:
		return endOf(n.Kids[len(n.Kids)-1])
	case jinja.Name:
		if set := f.sets[n.Text]; set != nil {
			return s.namesOf(f, set, depth+1)
		}
		return s.reg.names[n.Text]
	}
	return nil
}

// endOf is the name that is left of one that is put together: theme ~ "/page.html".
func endOf(last *jinja.Node) []string {
	if last.Kind != jinja.Str {
		return nil
	}
	if _, name, ok := strings.Cut(last.Text, "/"); ok && name != "" {
		return []string{name}
	}
	return nil
}
