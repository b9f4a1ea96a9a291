package regex001

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// maxPattern bounds the patterns that are looked at; longer ones are tables, not grammars.
const maxPattern = 2000

// explodes reports whether a backtracking engine can need exponential time for a pattern: a repetition of something that
// is itself a repetition and nothing else that must be there and tells the rounds apart, as in (a+)+, (\w*\s?)* or
// ([-.\w]*[a-z])*, and something after it that may fail. whole means that the end of the text must follow.
//
// The pattern is read with Go's parser. What that does not know (references, looking ahead) is not judged.
func explodes(pattern string, whole bool) bool {
	if len(pattern) > maxPattern {
		return false
	}
	// Go folds (?:a+)+ into a+, which Python does not; a group keeps them apart.
	re, err := syntax.Parse(strings.ReplaceAll(pattern, "(?:", "("), syntax.Perl)
	if err != nil {
		return false
	}
	return nested(re, whole)
}

// nested looks for the repetition; mayFail says that what follows can fail.
func nested(re *syntax.Regexp, mayFail bool) bool {
	switch re.Op {
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		if re.Op == syntax.OpRepeat && re.Max >= 0 && re.Max < manyTimes {
			break
		}
		if mayFail && isAmbiguous(re.Sub[0]) {
			return true
		}
	case syntax.OpConcat:
		for i, s := range re.Sub {
			if nested(s, mayFail || anyRequired(re.Sub[i+1:])) {
				return true
			}
		}
		return false
	}
	for _, s := range re.Sub {
		if nested(s, mayFail) {
			return true
		}
	}
	return false
}

// manyTimes is where a bounded repetition is as bad as an unbounded one.
const manyTimes = 30

// isAmbiguous reports whether one text can be cut into repetitions of the expression in many ways.
func isAmbiguous(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpCapture:
		return isAmbiguous(re.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		return true
	case syntax.OpRepeat:
		return re.Max < 0
	case syntax.OpAlternate:
		for _, s := range re.Sub {
			if isAmbiguous(s) {
				return true
			}
		}
	case syntax.OpConcat:
		var loops, needed []*syntax.Regexp
		for _, s := range re.Sub {
			switch {
			case isAmbiguous(s):
				loops = append(loops, s)
			case !isOptional(s):
				needed = append(needed, s)
			}
		}
		// What every round needs tells the rounds apart, unless the loop takes that as well.
		return slices.ContainsFunc(loops, func(loop *syntax.Regexp) bool {
			return !slices.ContainsFunc(needed, func(n *syntax.Regexp) bool { return !takes(loop, n) })
		})
	}
	return false
}

// takes reports whether a loop over single characters can also match what another expression needs, as [-.\w]* does of [a-z].
func takes(loop, needed *syntax.Regexp) bool {
	for loop.Op == syntax.OpCapture || loop.Op == syntax.OpStar || loop.Op == syntax.OpPlus || loop.Op == syntax.OpRepeat {
		loop = loop.Sub[0]
	}
	for needed.Op == syntax.OpCapture {
		needed = needed.Sub[0]
	}
	of, ok := runesOf(loop)
	if !ok || needed.Flags&syntax.FoldCase != 0 {
		return false
	}
	if needed.Op == syntax.OpLiteral {
		return !slices.ContainsFunc(needed.Rune, func(r rune) bool { return !overlap(of, []rune{r, r}) })
	}
	single, ok := runesOf(needed)
	return ok && overlap(of, single)
}

// runesOf are the ranges of characters of which an expression matches exactly one.
func runesOf(re *syntax.Regexp) ([]rune, bool) {
	switch re.Op {
	case syntax.OpCharClass:
		return re.Rune, true
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []rune{0, unicode.MaxRune}, true
	case syntax.OpLiteral:
		if len(re.Rune) == 1 && re.Flags&syntax.FoldCase == 0 {
			return []rune{re.Rune[0], re.Rune[0]}, true
		}
	}
	return nil, false
}

func overlap(a, b []rune) bool {
	for i := 0; i+1 < len(a); i += 2 {
		for j := 0; j+1 < len(b); j += 2 {
			if a[i] <= b[j+1] && b[j] <= a[i+1] {
				return true
			}
		}
	}
	return false
}

func isOptional(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpCapture:
		return isOptional(re.Sub[0])
	case syntax.OpStar, syntax.OpQuest, syntax.OpEmptyMatch:
		return true
	case syntax.OpRepeat:
		return re.Min == 0
	}
	return false
}

// anyRequired reports whether one of the expressions must match something, or be at a certain place.
func anyRequired(rest []*syntax.Regexp) bool {
	for _, r := range rest {
		if !isOptional(r) {
			return true
		}
	}
	return false
}
