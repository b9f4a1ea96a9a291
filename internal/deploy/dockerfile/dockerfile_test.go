package dockerfile

import (
	"fmt"
	"strings"
	"testing"
)

const sample = `# syntax=docker/dockerfile:1
ARG PY=3.12
FROM python:${PY}-slim AS base
ENV A=1 \
    # a comment in between
    FLASK_DEBUG=1 \
    C="x y"
ENV OLD style value
WORKDIR /srv
COPY --from=other . .
RUN <<EOF
pip install x
EOF
CMD flask run

from base as final
USER app
COPY ./docker/entry.sh /entry.sh
ENTRYPOINT ["/entry.sh", "--x"]
CMD ["gunicorn", \
     "app:app"]
EXPOSE 80 443
`

func TestParse(t *testing.T) {
	f, problems := Parse("Dockerfile", []byte(sample))
	if len(problems) != 0 || len(f.Stages) != 2 {
		t.Fatal(problems, len(f.Stages))
	}
	b, s := f.Stages[0], f.Effective(1)
	if got := fmt.Sprint(b.Env); got != "[{A 1 4 false} {FLASK_DEBUG 1 6 false} {C x y 7 false} {OLD style value 8 false}]" {
		t.Error(got)
	}
	if b.Cmd.Shell != "flask run" || b.Cmd.Line != 14 || b.Copies[0].From != "other" || !strings.Contains(b.Runs[0].Shell, "pip install x") || b.Args[0].Value != "3.12" {
		t.Errorf("%+v", b)
	}
	if fmt.Sprint(s.Entrypoint.Argv, s.Cmd.Argv) != "[/entry.sh --x] [gunicorn app:app]" || s.Cmd.Line != 20 || s.Cmd.EndLine != 21 || s.User.Text != "app" || len(s.Env) != 4 || s.Workdir.Text != "/srv" {
		t.Errorf("%+v", s)
	}
}

func TestEntrypointDropsInheritedCmd(t *testing.T) {
	f, _ := Parse("Dockerfile", []byte("FROM a AS b\nCMD x\nFROM b\nENTRYPOINT y\n"))
	if s := f.Effective(1); !s.Cmd.IsZero() || s.Entrypoint.Shell != "y" {
		t.Errorf("%+v", s)
	}
}

func TestABrokenInstructionCostsOnlyItself(t *testing.T) {
	f, problems := Parse("Dockerfile", []byte("FROM x\nENV\nENV A\nCMD flask run\n"))
	if len(problems) != 1 || problems[0].Line != 3 || len(f.Stages) != 1 || f.Stages[0].Cmd.Line != 4 {
		t.Error(problems, f.Stages)
	}
}

func TestHostile(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "nul": "FROM a\x00b\n", "long line": "FROM a\nRUN " + strings.Repeat("x", 300_000), "unterminated": "FROM a\nRUN <<EOF\nx", "binary": "\x7fELF\x00\xff\xfe",
		"json": "FROM a\nCMD " + strings.Repeat("[", 60_000), "from itself": "FROM a AS a\nFROM a AS a\nCMD x\n", "no from": "CMD x\n", "large": strings.Repeat("a", 2<<20),
		"directives": "# escape=`\n# escape=\\\nFROM a\n", "many bad": "FROM a\n" + strings.Repeat("ENV\n", 5000), "stages": strings.Repeat("FROM a AS a\n", 3000),
		"continued": "FROM a\nRUN x" + strings.Repeat(" \\\n", 20_000), "heredocs": "FROM a\nRUN " + strings.Repeat("<<A ", 5_000) + "\n",
	} {
		t.Logf("%s", name) // the last one named is the one that hangs
		f, _ := Parse("Dockerfile", []byte(text))
		for i := range f.Stages {
			if i < 5 {
				f.Effective(len(f.Stages) - 1 - i)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Fuzz(func(t *testing.T, text string) {
		file, _ := Parse("Dockerfile", []byte(text))
		for i := range file.Stages {
			file.Effective(i)
		}
	})
}
