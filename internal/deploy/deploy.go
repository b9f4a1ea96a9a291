// Package deploy holds what the readers of deployment files share: values that know their line, and problems.
//
// Each reader is a function of a file's text alone; it opens nothing, follows nothing, and always returns what it could
// read. What a file means together with others is deployment's business.
package deploy

// MaxFile bounds what a reader takes, in bytes. Deployment files are written by hand; a larger one is data.
const MaxFile = 1 << 20

// Problem is something in a deployment file that could not be read. Line is 1-based, 0 for the whole file.
type Problem struct {
	Line    int
	Message string
}

// Problems are the one problem of a text that could not be read, with its line where the error knows it.
func Problems(err error) []Problem {
	p := Problem{Message: err.Error()}
	if e, ok := err.(interface{ AtLine() int }); ok {
		p.Line = e.AtLine()
	}
	return []Problem{p}
}

// Value is a text and the line it stands on.
type Value struct {
	Text string
	Line int
}

// Var is the setting of an environment variable. Value may be a secret: it is never printed as it is.
type Var struct {
	Name, Value string
	Line        int
	NoValue     bool // the name alone: passed on from outside
}

// Command is a command line. Exec form has Argv; shell form has Shell, to be read by a shell.
type Command struct {
	Argv          []string
	Shell         string
	Line, EndLine int
}

// IsZero reports whether there is no command.
func (c Command) IsZero() bool { return len(c.Argv) == 0 && c.Shell == "" }

// TooLarge is the problem of a file beyond MaxFile, or nil.
func TooLarge(text []byte) []Problem {
	if len(text) <= MaxFile {
		return nil
	}
	return []Problem{{Message: "too large for a deployment file: not read"}}
}
