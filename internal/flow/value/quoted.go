package value

import "stopper/internal/models"

// This file follows checks that leave nothing but one literal in quotes:
//
//	if not x.startswith("'") or not x.endswith("'") or "'" in x[1:-1]: refuse
//
// What passes is text to Python, not code: a backslash before the last quote makes it no expression at all.

// withQuote adds what a check has shown about a quote; the third fact for one quote makes the text a literal.
func withQuote(v *Value, quote string, single, double Facts) *Value {
	all := FactOpens | FactCloses | FactHollow
	switch quote {
	case "'":
		v = WithFacts(v, single)
	case `"`:
		v = WithFacts(v, double)
		all = FactOpensDouble | FactClosesDouble | FactHollowDouble
	default:
		return v
	}
	if v.Facts&all == all {
		return Clear(v, models.Kinds(models.Code))
	}
	return v
}

// halved is what is left when something is cut off: of two quotes that are one in a literal there may be one.
func halved(v *Value) *Value {
	return MapLabels(v, func(l *Label) {
		if l.Cleared != models.AllKinds {
			l.Cleared &^= models.Kinds(models.SQLQuote)
		}
	})
}
