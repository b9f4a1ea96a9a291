package value

import (
	"slices"

	"stopper/internal/ir"
	"stopper/internal/models"
)

// What is said of a path by looking at something made of it: its folder, its way from another folder, its components.

// inFolder is a path x where `os.path.dirname(x) == FOLDER`, or `x.parent == FOLDER`: one component below it.
func inFolder(x *Value) *Value { return Clear(x, slashKinds) }

// relPath is os.path.relpath(path, base): it has ".." only at its beginning, and never begins with a separator.
func relPath(args []*Value) *Value {
	v := args[0]
	r := opaqueText("str", args...)
	r.Facts = FactRelative
	base := "."
	if len(args) > 1 {
		base, _ = OneStr(args[1])
	}
	if base == "/" && v.Facts&FactNormalized != 0 && v.Facts&FactAbsolute != 0 {
		return noClimbing(r)
	}
	if len(args) > 1 && !OwnWords(args[1].Taint) {
		return r
	}
	return derive(r, HowRelative, v)
}

// staysInside is the way from a folder to a path that was found not to begin with "..": the path is below the folder.
func staysInside(rel *Value) *Value {
	return pull(noClimbing(rel), func(of *Value) *Value { return clearBelow(Clear(of, pathKinds)) })
}

// clearBelow clears what a path that is below its folder was made of, as far as that is rooted: abspath(name) says nothing of
// join(elsewhere, name).
func clearBelow(v *Value) *Value {
	from := v.From()
	if from == nil || from.How != HowPath && from.How != HowStr {
		return v
	}
	return pull(v, clearRooted)
}

// relativePath is a path of which is_absolute() is false, and the text that it was made of.
func relativePath(v *Value) *Value {
	v = WithFacts(v, FactRelative)
	if from := v.From(); from == nil || from.How != HowStr {
		return v
	}
	return pull(v, relative)
}

// pieceless is `".." in path.parts`, or in text.split("/"), that came out false.
func pieceless(of *Value, s string) *Value {
	of = lacks(of, s)
	if from := of.From(); from == nil || from.How != HowStr {
		return of
	}
	return pull(of, func(text *Value) *Value { return lacks(text, s) })
}

// IsPieces: the elements are parts of a path, not characters.
func IsPieces(v *Value) bool { return v.From() != nil && v.From().How == HowSplit }

// NoPieceClimbs is a list of the pieces of a path of which none is "..".
func NoPieceClimbs(pieces *Value) *Value {
	if !IsPieces(pieces) {
		return pieces
	}
	return pull(pieces, func(of *Value) *Value { return pieceless(of, "..") })
}

// notParent is a text that is known not to be "..", or not to begin with a dot.
func notParent(v *Value) *Value {
	v = Clear(v, models.Kinds(models.PathParent))
	if v.Facts&FactBasename != 0 {
		return noClimbing(v) // of one component
	}
	return v
}

// holdsParent: one of the constants is "..".
func holdsParent(v *Value) bool {
	return slices.ContainsFunc(v.Consts(), func(c ir.Const) bool { return c.Kind == ir.ConstStr && c.Str == ".." })
}

// deletes is str.maketrans(from, to, gone): what translating with it takes out, and what it brings in.
func deletes(args []*Value) *Value {
	r := OfType("dict")
	if len(args) != 3 {
		return r
	}
	from, ok1 := OneStr(args[0])
	to, ok2 := OneStr(args[1])
	gone, ok3 := OneStr(args[2])
	if !ok1 || !ok2 || !ok3 {
		return r
	}
	return WithFrom(r, Derived{How: HowTable, Of: Str(to), Missed: from + gone})
}

// translate is text.translate(table).
func translate(recv, table *Value) *Value {
	r := opaqueText(textTypeOf(recv), recv)
	from := table.From()
	if from == nil || from.How != HowTable {
		return r
	}
	to, _ := OneStr(from.Of)
	return withoutChars(r, allChars().without(charsOf(from.Missed)).union(charsOf(to)))
}

// withoutChars is a text that holds nothing but some characters.
func withoutChars(v *Value, left charset) *Value {
	class := sameClass(left)
	v = Clear(cutFacts(v, class), class.clears())
	if !left.has('/') {
		return Clear(slashless(v), slashKinds) // only Windows knows another separator
	}
	return v
}

// rootless is what strip, lstrip or a slice leaves of a normalised absolute path without its beginning: no ".." is left in it.
func rootless(r, recv *Value) *Value {
	if recv.Facts&FactNormalized == 0 || recv.Facts&FactAbsolute == 0 {
		return r
	}
	return WithFacts(noClimbing(r), FactRelative)
}

// startsParent: whatever begins with the prefix climbs, and a relative normalised path that climbs begins with it.
func startsParent(prefix string) bool { return prefix == ".." || prefix == "../" || prefix == "." }

// startsClimbing is text.startswith(prefix) that came out false.
func startsClimbing(v *Value, prefix string) *Value {
	if !startsParent(prefix) {
		return v
	}
	if from := v.From(); from != nil && from.How == HowRelative {
		return staysInside(v)
	}
	if prefix == "../" {
		return v
	}
	return notParent(v)
}
