package regex001

import (
	"regexp/syntax"
	"strings"
)

// maxPattern bounds the patterns that are looked at; longer ones are tables, not grammars.
const maxPattern = 2000

// explodes reports whether a backtracking engine can need exponential time for a pattern: a repetition of something that
// is itself a repetition and nothing else that must be there, as in (a+)+ or (\w*\s?)*, and something after it that may
// fail. whole means that the end of the text must follow.
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
		loops := 0
		for _, s := range re.Sub {
			switch {
			case isAmbiguous(s):
				loops++
			case !isOptional(s):
				return false // every round needs this, which tells the rounds apart
			}
		}
		return loops > 0
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
