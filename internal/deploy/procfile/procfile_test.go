package procfile

import (
	"fmt"
	"testing"
)

func TestParse(t *testing.T) {
	f, problems := Parse("Procfile", []byte("\n# c\nweb: gunicorn app:app -b :$PORT\r\n\nnonsense\nrelease-x: flask db upgrade\na b: c\nweb2:\n"))
	if got := fmt.Sprint(f.Processes); got != "[{web {[] gunicorn app:app -b :$PORT 3 3}} {release-x {[] flask db upgrade 6 6}}]" {
		t.Error(got)
	}
	if got := fmt.Sprint(problems); len(problems) != 3 || problems[0].Line != 5 {
		t.Error(got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("web: a\nworker: b\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, _ := Parse("Procfile", []byte(text))
		for _, p := range file.Processes {
			if p.Type == "" || p.Command.Shell == "" || p.Command.Line < 1 {
				t.Errorf("%+v", p)
			}
		}
	})
}
