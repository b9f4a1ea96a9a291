package regex001

import "testing"

func TestExplodes(t *testing.T) {
	for _, tc := range []struct {
		pattern string
		whole   bool
		want    bool
	}{
		{`^(a+)+$`, false, true},
		{`(?:\d+)*x`, false, true},
		{`^(\w+\s?)*$`, false, true},
		{`^([a-z]*)*!`, false, true},
		{`^(a|b+)+c`, false, true},
		{`(a+)+`, true, true},
		{`^([-.\w]*[0-9a-z])*@`, false, true},
		{`^(\w*ab)*!`, false, true},
		{`^(.*,)*x`, false, true},
		{`^(\w*[.-])*@`, false, false}, // what every round ends with the loop does not take
		{`^(\w*a-)*!`, false, false},
		{`^[a-z0-9]+([._-][a-z0-9]+)*@`, false, false},
		{`(a+)+`, false, false},     // nothing after it can fail
		{`^(\w+,)+$`, false, false}, // the comma tells the rounds apart
		{`^\d+(\.\d+)*$`, false, false},
		{`^[a-z]+$`, false, false},
		{`^(a{1,3})+$`, false, false},
		{`(?=a)(a+)+$`, false, false}, // not understood, so not judged
		{`(`, false, false},
	} {
		if got := explodes(tc.pattern, tc.whole); got != tc.want {
			t.Errorf("%s: %v", tc.pattern, got)
		}
	}
}
