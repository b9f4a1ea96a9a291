package value

// Chars is a set of characters that a check lets through.
type Chars struct{ set charset }

// Union is what one of two checks lets through.
func (c Chars) Union(d Chars) Chars { return Chars{c.set.union(d.set)} }

// Intersect is what both let through.
func (c Chars) Intersect(d Chars) Chars { return Chars{c.set.without(d.set.inverse())} }

// CharsIn are the characters of a text, or with truth false all others.
func CharsIn(s string, truth bool) Chars {
	if !truth {
		return Chars{allChars().without(charsOf(s))}
	}
	return Chars{charsOf(s)}
}

// CharsNamed are the characters of which `c.isalnum()` and its siblings are true, or with truth false those of which they are
// not; false for other methods.
func CharsNamed(method string, truth bool) (Chars, bool) {
	foreign := charset{other: true}
	var c charset
	switch method {
	case "isdigit", "isdecimal", "isnumeric":
		c = digitChars()
	case "isalnum":
		c = alnumChars().union(foreign)
	case "isalpha":
		c = alphaChars().union(foreign)
	case "isspace":
		c = charsOf(" \t\n\r\v\f").union(foreign)
	default:
		return Chars{}, false
	}
	if !truth {
		c = allChars().without(c).union(foreign)
	}
	return Chars{c}, true
}

// OnlyChars is a text that holds nothing but some characters.
func OnlyChars(v *Value, c Chars) *Value {
	class := sameClass(c.set)
	return Clear(cutFacts(v, class), class.clears())
}

// PiecesOf says of a list that it holds the pieces of a text between separators.
func PiecesOf(list, text *Value, args []*Value) *Value {
	if sep, ok := argStr(args, 0); ok && sep == "/" {
		return derive(list, HowSplit, text)
	}
	return list
}
