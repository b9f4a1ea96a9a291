package htmlctx

// jsMode is the state of the script lexer.
type jsMode uint8

const (
	jsCode jsMode = iota
	jsString
	jsTemplate
	jsRegex
	jsRegexClass
	jsLineComment
	jsBlockComment
)

// maxTemplates bounds nested template literals; deeper ones are read as code.
const maxTemplates = 6

// jsState is where a script stands.
type jsState struct {
	mode   jsMode
	quote  byte
	escape bool
	slash  bool // the last character was a / whose meaning the next one tells
	star   bool // the last character of a comment was a *
	dollar bool // the last character of a template was a $
	// operand: what stands before is a value, so that / divides.
	operand bool
	word    string // the word that is being read, to tell `return /x/` from `a / b`
	// braces counts the open braces of the code inside each ${…}; depth is how many there are.
	braces [maxTemplates]uint8
	depth  uint8
	// held: a string in this line holds a value.
	held bool
}

func (j *jsState) step(c byte) {
	if c == '\n' {
		j.held = false
	}
	switch j.mode {
	case jsString:
		j.inString(c)
	case jsTemplate:
		j.inTemplate(c)
	case jsRegex, jsRegexClass:
		j.inRegex(c)
	case jsLineComment:
		if c == '\n' || c == '\r' {
			j.mode = jsCode
		}
	case jsBlockComment:
		if j.star && c == '/' {
			j.mode = jsCode
		}
		j.star = c == '*'
	default:
		j.inCode(c)
	}
}

func (j *jsState) inString(c byte) {
	switch {
	case j.escape:
		j.escape = false
	case c == '\\':
		j.escape = true
	case c == j.quote, c == '\n':
		j.mode, j.operand, j.word = jsCode, true, ""
	}
}

func (j *jsState) inTemplate(c byte) {
	switch {
	case j.escape:
		j.escape = false
	case c == '\\':
		j.escape = true
	case c == '`':
		j.mode, j.operand, j.word = jsCode, true, ""
	case c == '{' && j.dollar && int(j.depth) < maxTemplates:
		j.braces[j.depth] = 0
		j.depth++
		j.mode, j.operand, j.word = jsCode, false, ""
	}
	j.dollar = c == '$'
}

func (j *jsState) inRegex(c byte) {
	switch {
	case c == '\n':
		j.mode = jsCode // it was none
	case j.escape:
		j.escape = false
	case c == '\\':
		j.escape = true
	case c == '[':
		j.mode = jsRegexClass
	case c == ']':
		j.mode = jsRegex
	case c == '/' && j.mode == jsRegex:
		j.mode, j.operand, j.word = jsCode, true, ""
	}
}

func (j *jsState) inCode(c byte) {
	if j.slash {
		j.slash = false
		if j.afterSlash(c) {
			return
		}
	}
	switch {
	case c == '/':
		j.endWord()
		j.slash = true
	case c == '"' || c == '\'':
		j.mode, j.quote, j.word = jsString, c, ""
	case c == '`':
		j.mode, j.dollar, j.word = jsTemplate, false, ""
	case isSpace(c):
		j.endWord()
	case isLetter(c), c >= '0' && c <= '9', c == '_', c == '$', c >= 0x80:
		if len(j.word) < 12 {
			j.word += string([]byte{c})
		}
		j.operand = true
	default:
		j.endWord()
		j.operand = c == ')' || c == ']'
		j.brace(c)
	}
}

// afterSlash decides what a / was; true when c was part of it.
func (j *jsState) afterSlash(c byte) bool {
	switch {
	case c == '/':
		j.mode = jsLineComment
		return true
	case c == '*':
		j.mode, j.star = jsBlockComment, false
		return true
	case !j.operand:
		j.mode, j.escape = jsRegex, false
		j.inRegex(c)
		return true
	}
	j.operand = false // a division
	return false
}

// endWord: behind some words a value begins.
func (j *jsState) endWord() {
	switch j.word {
	case "return", "typeof", "case", "do", "else", "in", "instanceof", "new", "void", "delete", "throw", "of", "yield", "await":
		j.operand = false
	}
	j.word = ""
}

// brace keeps the nesting inside ${…}.
func (j *jsState) brace(c byte) {
	if j.depth == 0 {
		return
	}
	n := &j.braces[j.depth-1]
	switch {
	case c == '{' && *n < 255:
		*n++
	case c == '}' && *n > 0:
		*n--
	case c == '}':
		j.depth--
		j.mode, j.dollar = jsTemplate, false
	}
}

// hole is a value written into the script.
func (j *jsState) hole(p *Place) {
	p.AfterHole = j.held
	if j.slash && !j.operand {
		j.mode, j.slash = jsRegex, false
	}
	switch j.mode {
	case jsString:
		p.Kind, p.InString = ScriptString, j.quote
		j.held, j.escape = true, false
	case jsTemplate:
		p.Kind, j.dollar = ScriptTemplate, false
	case jsRegex, jsRegexClass:
		p.Kind = ScriptRegex
	case jsLineComment, jsBlockComment:
		p.Kind = ScriptComment
	default:
		p.Kind = Script
		j.operand, j.slash, j.word = true, false, ""
	}
}

// joinJS keeps the first state; what only one way makes possible stays possible.
func joinJS(a, b jsState) jsState {
	if a.mode != b.mode && a.mode != jsCode {
		a, b = b, a
	}
	a.held = a.held || b.held
	a.operand = a.operand && b.operand
	return a
}
