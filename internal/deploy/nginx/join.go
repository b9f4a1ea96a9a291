package nginx

// maxIncludes bounds how many files one file pulls in, each counted as often as it is included.
const maxIncludes = 200

// Join returns the directives of a file with every include replaced by the files that find gives for its pattern. A file
// that includes itself, directly or not, is included once on each way down. Included directives keep their own file and
// line; the trees that were passed in are not changed. The outermost directives have a parent without a name, because a file of
// conf.d is a part of the http block: what stands at its top is inherited.
func Join(f *File, find func(from, pattern string) []*File) []*Directive {
	j := joiner{find: find, active: map[string]bool{f.Path: true}, left: maxIncludes}
	root := &Directive{File: f.Path, IsBlock: true}
	root.Block = j.list(f.Directives, root, 0)
	return root.Block
}

type joiner struct {
	find   func(from, pattern string) []*File
	active map[string]bool
	left   int
	count  int
}

func (j *joiner) list(in []*Directive, parent *Directive, depth int) []*Directive {
	var out []*Directive
	for _, d := range in {
		if j.count++; j.count > maxDirectives || depth > maxDepth {
			return out
		}
		if d.Name == "include" && !d.IsBlock {
			if included := j.include(d, parent, depth); included != nil {
				out = append(out, included...)
				continue
			}
		}
		c := *d
		c.Parent = parent
		c.Block = j.list(d.Block, &c, depth+1)
		out = append(out, &c)
	}
	return out
}

func (j *joiner) include(d, parent *Directive, depth int) []*Directive {
	var out []*Directive
	for _, f := range j.find(d.File, d.Arg(0)) {
		if j.active[f.Path] || j.left == 0 {
			continue
		}
		j.left--
		j.active[f.Path] = true
		out = append(out, j.list(f.Directives, parent, depth+1)...)
		delete(j.active, f.Path)
	}
	return out
}
