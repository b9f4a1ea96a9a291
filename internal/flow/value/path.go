package value

import (
	"path"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/models"
)

// pathKinds are the sink kinds that a path below its folder does not harm.
var pathKinds = slashKinds.With(models.PathParent)

// slashKinds are those that a name without separators does not harm, as far as it is not "..", which names a folder.
var slashKinds = models.Kinds(models.PathRead, models.PathWrite, models.Archive, models.TemplateName)

func isPurePath(typ string) bool {
	switch typ {
	case "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath", "pathlib.WindowsPath", "pathlib.PureWindowsPath":
		return true
	}
	return false
}

func pathType(a, b *Value) string {
	if isPurePath(a.Type) {
		return a.Type
	}
	return b.Type
}

// joinPath is os.path.join(vs…), or Path(vs…): the later operands are put below the earlier ones, but an absolute one
// replaces them. Such a hole is marked, so that nobody takes the base for a promise.
func joinPath(typ string, vs []*Value) *Value {
	if typ == "str" {
		if s, ok := joinConsts(vs); ok {
			return s
		}
	}
	var b builder
	for i, v := range vs {
		if v == nil {
			return nil
		}
		parts := SkeletonOf(v).Parts
		if i > 0 && len(parts) > 0 && !parts[0].IsHole && strings.HasPrefix(parts[0].Lit, "/") {
			b.parts = nil
		}
		if n := len(b.parts); n > 0 && !strings.HasSuffix(b.parts[n-1].Lit, "/") {
			b.lit("/")
		}
		for j, p := range parts {
			if i > 0 && j == 0 && p.IsHole && !p.NoSlash && !p.IsNumber && v.Facts&FactRelative == 0 {
				p.Resets = true
			}
			b.add(p)
		}
	}
	r := AsWord(textValue("str", b.done(), vs...))
	if typ != "str" {
		r = asPath(r, typ)
		if len(vs) == 1 {
			r = derive(r, HowStr, vs[0])
		}
	}
	return joined(r, vs)
}

// asPath makes a path object of a text: it is no text, but its shape is what str() of it gives.
func asPath(v *Value, typ string) *Value {
	r := *v
	if r.IsConst {
		r.Str = constSkeleton(v)
	}
	r.Type, r.IsConst = typ, false
	r.setConsts(nil)
	return &r
}

func joinConsts(vs []*Value) (*Value, bool) {
	out := ""
	for i, v := range vs {
		s, ok := OneStr(v)
		if !ok || v.Consts()[0].Kind != ir.ConstStr || len(v.Taint) > 0 {
			return nil, false
		}
		switch {
		case i == 0 || strings.HasPrefix(s, "/"):
			out = s
		case out == "" || strings.HasSuffix(out, "/"):
			out += s
		default:
			out += "/" + s
		}
	}
	return Str(out), len(vs) > 0 && len(out) <= maxText
}

// foldPath folds a function of one path constant.
func foldPath(v *Value, f func(string) string) *Value {
	return fold1(v, func(c ir.Const) (ir.Const, bool) { return strConst(f(c.Str)), c.Kind == ir.ConstStr })
}

// normPath is os.path.normpath, which unlike path.Clean keeps exactly two leading slashes.
func normPath(s string) string {
	r := path.Clean(s)
	if strings.HasPrefix(s, "/") {
		r = "/" + strings.TrimLeft(r, "/")
	}
	if strings.HasPrefix(s, "//") && !strings.HasPrefix(s, "///") {
		r = "/" + r
	}
	return r
}

func baseName(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

func dirName(s string) string {
	head := s[:strings.LastIndexByte(s, '/')+1]
	if strings.Trim(head, "/") != "" {
		head = strings.TrimRight(head, "/")
	}
	return head
}

// splitExt is os.path.splitext: leading dots of the last component are no extension.
func splitExt(s string) (root, ext string) {
	base := strings.LastIndexByte(s, '/') + 1
	dot := strings.LastIndexByte(s, '.')
	if dot < base || strings.Trim(s[base:dot], ".") == "" {
		return s, ""
	}
	return s[:dot], s[dot:]
}

// pathCall is a function of os.path with known semantics.
func pathCall(name string, args []*Value) (*Value, bool) {
	if len(args) == 0 || args[0] == nil {
		return nil, len(args) > 0
	}
	v := args[0]
	switch name {
	case "join":
		return joinPath("str", args), true
	case "basename":
		if r := foldPath(v, baseName); r != nil {
			return r, true
		}
		return baseOf(v), true
	case "dirname":
		if r := foldPath(v, dirName); r != nil {
			return r, true
		}
		return dirOf(v), true
	case "normpath":
		if r := foldPath(v, normPath); r != nil {
			return r, true
		}
		if strings.HasPrefix(SkeletonOf(v).Prefix(), "/") {
			return normalised(v, FactNormalized|FactAbsolute), true
		}
		return normalised(v, FactNormalized), true
	case "abspath", "realpath":
		if s, ok := OneStr(v); ok && strings.HasPrefix(s, "/") && name == "abspath" {
			return foldPath(v, normPath), true
		}
		if name == "realpath" {
			return normalised(v, FactNormalized|FactReal|FactAbsolute), true
		}
		return normalised(v, FactNormalized|FactAbsolute), true
	case "normcase", "expanduser", "expandvars", "fspath":
		return ToStr(v), true
	case "commonpath", "commonprefix":
		return opaqueText("str", args...), true
	case "relpath":
		return relPath(args), true
	case "exists", "isfile", "isdir", "islink", "isabs", "samefile", "lexists", "ismount":
		return OfType("bool"), true
	}
	return nil, false
}

// normalised: what stood at the beginning may have been climbed out of, so the shape is gone.
func normalised(v *Value, f Facts) *Value {
	r := opaqueText("str", v)
	r.Facts = f
	return derive(r, HowPath, v)
}

// baseOf is one component of a path: it leads nowhere else.
func baseOf(v *Value) *Value {
	if s := SkeletonOf(v); len(s.Parts) > 0 && !s.Parts[len(s.Parts)-1].IsHole {
		if last := s.Parts[len(s.Parts)-1].Lit; strings.Contains(last, "/") {
			return Str(baseName(last))
		}
	}
	r := Clear(slashless(opaqueText("str", v)), slashKinds)
	return derive(r, HowBasename, v)
}

// dirOf keeps the shape up to the last separator when that lies in a literal.
func dirOf(v *Value) *Value {
	s := SkeletonOf(v)
	if n := len(s.Parts); n > 0 {
		last := s.Parts[n-1]
		if last.IsHole && last.NoSlash && n > 1 && strings.HasSuffix(s.Parts[n-2].Lit, "/") {
			var b builder
			b.add(s.Parts[:n-1]...)
			b.parts[n-2].Lit = strings.TrimRight(b.parts[n-2].Lit, "/")
			return textValue("str", b.done(), partValues(b.parts)...)
		}
	}
	if at := lastSeparator(s); at >= 0 && at < len(s.Parts)-1 && !strings.HasSuffix(s.Parts[at].Lit, "/") {
		// The name begins with a text of the program: "/srv/pdf/report_" ◦ ".pdf" lies in /srv/pdf, or below a folder that begins so.
		var b builder
		b.add(s.Parts[:at+1]...)
		b.add(restHole(s.Parts[at+1:]))
		return derive(textValue("str", b.done(), v), HowDir, v)
	}
	return derive(opaqueText("str", v), HowDir, v)
}

// lastSeparator is the last part of a text that is known to hold a slash, -1 when none is.
func lastSeparator(s *Skeleton) int {
	at := len(s.Parts) - 1
	for at >= 0 && !strings.Contains(s.Parts[at].Lit, "/") {
		at--
	}
	return at
}

// partValues gives the taint of parts in the form in which values are made of others.
func partValues(ps []Part) []*Value {
	var out []*Value
	for i := range ps {
		if len(ps[i].Taint) > 0 {
			out = append(out, &Value{Taint: ps[i].Taint})
		}
	}
	return out
}

// pathTuple is a function of os.path that returns a pair.
func pathTuple(name string, v *Value) ([]*Value, bool) {
	s, isConst := OneStr(v)
	switch name {
	case "splitext":
		if isConst {
			a, b := splitExt(s)
			return []*Value{Str(a), Str(b)}, true
		}
		return []*Value{opaqueText("str", v), Clear(slashless(opaqueText("str", v)), pathKinds)}, true
	case "split":
		if isConst {
			return []*Value{Str(dirName(s)), Str(baseName(s))}, true
		}
		return []*Value{dirOf(v), baseOf(v)}, true
	}
	return nil, false
}

// PathMethod is a method or attribute of a pathlib path that needs no heap; false for others.
func PathMethod(recv *Value, name string, args []*Value) (*Value, bool) {
	if recv == nil || !isPurePath(recv.Type) {
		return nil, false
	}
	switch name {
	case "joinpath":
		return joinPath(recv.Type, append([]*Value{recv}, args...)), true
	case "resolve", "absolute":
		f := FactNormalized | FactReal | FactAbsolute
		if name == "absolute" {
			f = FactAbsolute
		}
		return asPath(normalised(recv, f), recv.Type), true
	case "name", "suffix", "stem":
		if r := recv.Str; r != nil {
			if s, ok := r.Literal(); ok && len(recv.Taint) == 0 && name == "name" {
				return Str(baseName(s)), true
			}
		}
		return baseOf(recv), true
	case "parent":
		return asPath(dirOf(recv), recv.Type), true
	case "parents":
		return derive(opaque("", recv), HowParents, recv), true
	case "parts":
		return derive(opaque("tuple", recv), HowSplit, recv), true
	case "as_posix", "__str__", "__fspath__":
		return ToStr(recv), true
	case "with_suffix":
		if r := withSuffix(recv, args); r != nil {
			return r, true
		}
		return asPath(opaqueText("str", append([]*Value{recv}, args...)...), recv.Type), true
	case "expanduser", "relative_to", "with_name":
		return asPath(opaqueText("str", append([]*Value{recv}, args...)...), recv.Type), true
	case "is_relative_to", "exists", "is_file", "is_dir", "is_absolute":
		return OfType("bool"), true
	}
	return nil, false
}

// withSuffix is path.with_suffix(ext) where ext is a text of the program and the path ends in one that is behind the last dot: what stands
// before stays, so that the path leads where it did.
func withSuffix(recv *Value, args []*Value) *Value {
	if len(args) != 1 || recv.Str == nil || len(recv.Str.Parts) == 0 {
		return nil
	}
	ext, ok := args[0].ConstStr()
	last := recv.Str.Parts[len(recv.Str.Parts)-1]
	dot := strings.LastIndexByte(last.Lit, '.')
	if !ok || last.IsHole || dot < 0 || strings.ContainsRune(last.Lit[dot:], '/') || dot > 0 && last.Lit[dot-1] == '/' {
		return nil
	}
	var b builder
	for _, p := range recv.Str.Parts[:len(recv.Str.Parts)-1] {
		b.add(p)
	}
	b.lit(last.Lit[:dot] + ext)
	return asPath(textValue("str", b.done(), recv), recv.Type)
}
