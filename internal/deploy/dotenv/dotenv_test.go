package dotenv

import (
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	f, problems := Parse(".env", []byte("\ufeff# c\nA=1\nexport B = 'x # y' # c\nC=\"two\nlines\" \nD=a#b # c\nE=\nF\n\nnot this\nG='open\nH=\"a\\n\\\"b\\\\\"\n"))
	want := `[{A 1 2 false} {B x # y 3 false} {C two` + "\n" + `lines 4 false} {D a#b 6 false} {E  7 false} {F  8 true} {G 'open 11 false} {H a` + "\n" + `"b\ 12 false}]`
	if got := fmt.Sprint(f.Vars); got != want {
		t.Errorf("%q\n%q", got, want)
	}
	if len(problems) != 1 || problems[0].Line != 10 {
		t.Error(problems)
	}
}

// Quadratic time would run into the time limit of the tests.
func TestUnclosedQuotesAreNotQuadratic(*testing.T) {
	Parse(".env", []byte(strings.Repeat("A='\\'\n", 100_000)))
	Parse(".env", []byte(strings.Repeat("A=\"\\\"", 100_000)))
}

func FuzzParse(f *testing.F) {
	f.Add("A=1\nB='x'\nexport C=\"d\\n\"\n")
	f.Add("A=\"x\nB")
	f.Fuzz(func(t *testing.T, text string) {
		file, _ := Parse(".env", []byte(text))
		lines := strings.Count(text, "\n") + 1
		for i, v := range file.Vars {
			if v.Name == "" || v.Line < 1 || v.Line > lines || i > 0 && v.Line <= file.Vars[i-1].Line {
				t.Errorf("%+v", v)
			}
		}
	})
}
