// Package htmlctx says how a browser will read what a template writes at some place of a page.
//
// In: the literal text of a page piece by piece, with a hole wherever a template puts a value. Out: for each hole a Place:
// text, an attribute value and how it is quoted, a URL that may choose its scheme, script code, a script string, and so on.
// The states are those of the HTML standard's tokenizer as far as they can be told apart from outside, and inside scripts
// and event handlers a JavaScript lexer that knows strings, templates, comments and regular expressions.
//
// A State is a small comparable value; Text and Hole return the state behind what was written. Two ways that lead to one
// place, such as the branches of an if, are joined by Join.
package htmlctx

import "strings"

// Kind is how the value in a hole is read.
type Kind uint8

// The kinds.
const (
	// Text is between tags, or in an element that holds nothing but text, such as title.
	Text Kind = iota
	// Comment is inside <!-- -->, a doctype or another declaration.
	Comment
	// TagName and AttrName are where a name of a tag or an attribute stands, or whole attributes.
	TagName
	AttrName
	// Attr is the value of an attribute that holds nothing but text.
	Attr
	// URL is the beginning of a URL that the browser runs or loads as a document when its scheme says so: it can be
	// "javascript:". URLPart is a later part of one.
	URL
	URLPart
	// Srcdoc is an attribute whose decoded value is a page of its own.
	Srcdoc
	// Style is CSS, in an element or attribute.
	Style
	// Script is code; ScriptString and ScriptTemplate are string literals in it, ScriptRegex a regular expression,
	// ScriptComment a comment. In an event handler or a javascript: URL, Place.Attr is not empty.
	Script
	ScriptString
	ScriptTemplate
	ScriptRegex
	ScriptComment
	// JSON is a script element that holds JSON.
	JSON
	// Data is a script element of a type that is not run: a client-side template.
	Data
)

var kindNames = [...]string{"text", "comment", "tag-name", "attr-name", "attr", "url", "url-part", "srcdoc", "style", "script",
	"script-string", "script-template", "script-regex", "script-comment", "json", "data"}

// String is the kind's name in tests and dumps.
func (k Kind) String() string { return kindNames[k] }

// Place is where a hole stands.
type Place struct {
	Kind Kind
	// Quote is the quote around the attribute value, 0 when it has none or there is no attribute.
	Quote byte
	// InString is the quote of the script string, for ScriptString.
	InString byte
	Tag      string // lower case; the element for what stands between script or style tags
	Attr     string // lower case, "" outside attribute values
	// AfterHole: in the same line of script, another string holds a value too. A backslash at the end of that value
	// would turn the strings' quotes around.
	AfterHole bool
	// Unsure: the ways that lead here left the page in different states.
	Unsure bool
}

// Unquoted reports whether the place is an attribute value without quotes, which a space ends.
func (p Place) Unquoted() bool { return p.Attr != "" && p.Quote == 0 }

// mode is the state of the HTML tokenizer.
type mode uint8

const (
	inText mode = iota
	inTagName
	inEndTag // behind the name of an end tag
	beforeAttr
	inAttrName
	afterAttrName
	beforeValue
	inValue
	inComment
	inDecl // <!DOCTYPE …>, <?…>
	inRaw  // between the tags of script, style, textarea, title and the like
)

// maxName bounds the names and value beginnings that a state remembers; what is longer is none that matters.
const maxName = 24

// State is where a page stands. The zero value is the beginning of a page.
type State struct {
	mode   mode
	quote  byte
	pend   string // a beginning of "<!--", "-->" or an end tag that the next text may complete
	tag    string
	attr   string
	value  string // how the attribute value begins, in lower case; holeMark stands for a hole
	typ    string // of a script tag
	elem   string // the element that inRaw is in
	meta   bool   // the tag is a meta refresh
	js     jsState
	nested uint8 // in a script: 1 behind <!--, 2 behind a <script after that, which the next </script> closes
	unsure bool
}

const holeMark = "\x00"

// Start is the state for a text that stands inside some element or none.
func Start() State { return State{} }

// Text moves the state behind a literal text.
func (s State) Text(text string) State {
	text = s.pend + text
	s.pend = ""
	for i := 0; i < len(text); {
		n := s.step(text[i:])
		if n == 0 { // the text ends in the middle of something
			s.pend = text[i:]
			break
		}
		i += n
	}
	return s
}

// step reads a character or more; 0 when it takes more text to tell.
func (s *State) step(t string) int {
	c := t[0]
	switch s.mode {
	case inText:
		return s.text(t)
	case inTagName:
		switch {
		case isSpace(c), c == '/':
			s.mode = beforeAttr
		case c == '>':
			s.endTag()
		default:
			n := until(t, " \t\n\r\f/>")
			s.tag = appendNames(s.tag, t[:n])
			return n
		}
	case inEndTag:
		if c == '>' {
			s.mode = inText
		}
	case beforeAttr, afterAttrName:
		s.betweenAttrs(c)
	case inAttrName:
		switch {
		case isSpace(c):
			s.mode = afterAttrName
		case c == '/':
			s.mode = beforeAttr
		case c == '=':
			s.mode = beforeValue
		case c == '>':
			s.endTag()
		default:
			n := until(t, " \t\n\r\f/=>")
			s.attr = appendNames(s.attr, t[:n])
			return n
		}
	case beforeValue:
		s.beginValue(c)
	case inValue:
		return s.inValue(t)
	case inComment:
		return s.comment(t)
	case inDecl:
		if c == '>' {
			s.mode = inText
		}
	case inRaw:
		return s.raw(t)
	}
	return 1
}

func (s *State) text(t string) int {
	if t[0] != '<' {
		if i := strings.IndexByte(t, '<'); i >= 0 {
			return i
		}
		return len(t)
	}
	switch {
	case len(t) == 1:
		return 0
	case isLetter(t[1]):
		*s = State{mode: inTagName, unsure: s.unsure}
		return 1
	case t[1] == '/':
		if len(t) == 2 {
			return 0
		}
		if isLetter(t[2]) {
			s.mode = inEndTag
		}
		return 2
	case strings.HasPrefix(t, "<!--"):
		s.mode = inComment
		return 4
	case strings.HasPrefix("<!--", t):
		return 0
	case t[1] == '!' || t[1] == '?':
		s.mode = inDecl
		return 2
	}
	return 1
}

func (s *State) comment(t string) int {
	i := strings.Index(t, "-->")
	if i >= 0 {
		s.mode = inText
		return i + 3
	}
	for _, tail := range []string{"--", "-"} {
		if strings.HasSuffix(t, tail) {
			return len(t) - len(tail)
		}
	}
	return len(t)
}

func (s *State) betweenAttrs(c byte) {
	switch {
	case isSpace(c), c == '/':
	case c == '>':
		s.endTag()
	case c == '=' && s.mode == afterAttrName:
		s.mode = beforeValue
	default:
		s.mode, s.attr, s.value = inAttrName, appendName("", c), ""
	}
}

func (s *State) beginValue(c byte) {
	switch {
	case isSpace(c):
	case c == '"' || c == '\'':
		s.openValue(c)
	case c == '>':
		s.endTag()
	default:
		s.openValue(0)
		s.valueByte(c)
	}
}

func (s *State) openValue(quote byte) {
	s.mode, s.quote, s.value, s.js = inValue, quote, "", jsState{}
}

// inValue reads a character of an attribute value, or an entity in a script.
func (s *State) inValue(t string) int {
	c := t[0]
	switch {
	case s.quote != 0 && c == s.quote, s.quote == 0 && isSpace(c):
		s.closeValue()
	case s.quote == 0 && c == '>':
		s.closeValue()
		s.endTag()
	case c == '&' && s.isScript():
		if d, n := entity(t); n > 0 {
			s.valueByte(d)
			return n
		}
		s.valueByte(c)
	default:
		s.valueByte(c)
	}
	return 1
}

func (s *State) closeValue() {
	switch {
	case s.tag == "script" && s.attr == "type":
		s.typ = s.value
	case s.tag == "meta" && s.attr == "http-equiv" && strings.TrimSpace(s.value) == "refresh":
		s.meta = true
	}
	s.mode, s.attr, s.value, s.quote = beforeAttr, "", "", 0
}

func (s *State) valueByte(c byte) {
	if s.isScript() {
		s.js.step(c)
	}
	if s.meta && s.attr == "content" {
		// Only the text up to the URL matters: keep its end.
		s.value = strings.ToLower((s.value + string(rune(c))))
		s.value = s.value[max(0, len(s.value)-maxName):]
		return
	}
	s.value = appendName(s.value, c)
}

// isScript reports whether the attribute value is code.
func (s *State) isScript() bool {
	return isHandler(s.attr) || isURLAttr(s.tag, s.attr) && strings.HasPrefix(trimURL(s.value), "javascript:")
}

// endTag is the > of a start tag.
func (s *State) endTag() {
	s.mode, s.attr, s.value = inText, "", ""
	switch s.tag {
	case "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext":
		s.mode, s.elem, s.js, s.nested = inRaw, s.tag, jsState{}, 0
	}
}

// raw reads inside an element that only its own end tag ends.
func (s *State) raw(t string) int {
	if s.elem == "script" {
		if n, ok := s.nesting(t); ok {
			return n
		}
	}
	if t[0] != '<' || s.elem == "plaintext" {
		if s.elem == "script" && s.scriptKind() == Script {
			s.js.step(t[0])
			return 1
		}
		if i := strings.IndexByte(t, '<'); i > 0 {
			return i
		}
		if t[0] == '<' {
			return 1
		}
		return len(t)
	}
	end := "</" + s.elem
	if len(t) <= len(end) {
		if strings.HasPrefix(end, strings.ToLower(t)) {
			return 0
		}
	} else if strings.EqualFold(t[:len(end)], end) && (isSpace(t[len(end)]) || t[len(end)] == '/' || t[len(end)] == '>') {
		*s = State{mode: inEndTag, unsure: s.unsure}
		return len(end)
	}
	if s.elem == "script" && s.scriptKind() == Script {
		s.js.step('<')
	}
	return 1
}

// nesting reads the comment marks by which a script may hold tags of scripts; false when there is none at this place.
func (s *State) nesting(t string) (int, bool) {
	marks := []string{"<!--"}
	switch s.nested {
	case 1:
		marks = []string{"-->", "<script"}
	case 2:
		marks = []string{"-->", "</script"}
	}
	for _, m := range marks {
		if len(t) < len(m) && strings.HasPrefix(m, strings.ToLower(t)) {
			return 0, true
		}
		if len(t) < len(m) || !strings.EqualFold(t[:len(m)], m) {
			continue
		}
		if m[1] != '-' && m[1] != '!' { // a tag's name must end there
			if len(t) == len(m) {
				return 0, true
			}
			if c := t[len(m)]; !isSpace(c) && c != '/' && c != '>' {
				continue
			}
		}
		switch m {
		case "<!--", "</script":
			s.nested = 1
		case "-->":
			s.nested = 0
		default:
			s.nested = 2
		}
		if m == "<!--" && s.js.mode == jsCode {
			s.js.mode = jsLineComment // so it is in script as well
		}
		return len(m), true
	}
	return 0, false
}

// scriptKind is what the type of a script element makes of its text.
func (s *State) scriptKind() Kind {
	typ, _, _ := strings.Cut(s.typ, ";")
	switch typ = strings.TrimSpace(typ); {
	case typ == "", typ == "module", strings.HasSuffix(typ, "javascript"), strings.HasSuffix(typ, "ecmascript"), typ == "text/babel", typ == "text/jsx",
		strings.Contains(typ, holeMark):
		return Script
	case strings.HasSuffix(typ, "json"), typ == "importmap", typ == "speculationrules":
		return JSON
	}
	return Data
}

// Hole says where a value stands that is written now, and moves the state behind it.
func (s State) Hole() (Place, State) {
	p := Place{Tag: s.tag, Unsure: s.unsure}
	switch s.mode {
	case inText:
		return s.textHole(p)
	case inTagName:
		p.Kind = TagName
		s.tag = appendName(s.tag, 0)
	case inEndTag, inComment, inDecl:
		p.Kind = Comment
		s.pend = ""
	case beforeAttr, inAttrName, afterAttrName:
		p.Kind = AttrName
		s.mode, s.attr = inAttrName, appendName(s.attr, 0)
	case beforeValue:
		s.openValue(0)
		return s.valueHole(p)
	case inValue:
		return s.valueHole(p)
	case inRaw:
		return s.rawHole(p)
	}
	return p, s
}

func (s State) textHole(p Place) (Place, State) {
	p.Tag = ""
	switch {
	case s.pend == "<":
		p.Kind = TagName
		s.mode, s.tag = inTagName, holeMark
	case s.pend == "</":
		p.Kind = TagName
		s.mode = inEndTag
	case s.pend != "":
		p.Kind = Comment
		s.mode = inDecl
	}
	s.pend = ""
	return p, s
}

func (s State) valueHole(p Place) (Place, State) {
	p.Kind, p.Quote, p.Attr = Attr, s.quote, s.attr
	if p.Attr == "" {
		p.Attr = holeMark
	}
	switch {
	case s.isScript():
		s.js.hole(&p)
	case s.attr == "srcdoc":
		p.Kind = Srcdoc
	case s.attr == "style":
		p.Kind = Style
	case s.meta && s.attr == "content":
		if v := strings.TrimRight(s.value, " '\""); strings.HasSuffix(v, "url=") {
			p.Kind = URL
		}
	case isURLAttr(s.tag, s.attr):
		p.Kind = URLPart
		if v := trimURL(s.value); v == "" || strings.HasPrefix("javascript:", v) || strings.HasPrefix("data:", v) {
			p.Kind = URL
		}
	}
	s.value += holeMark
	return p, s
}

func (s State) rawHole(p Place) (Place, State) {
	p.Tag = s.elem
	s.pend = ""
	switch s.elem {
	case "script":
		if p.Kind = s.scriptKind(); p.Kind == Script {
			s.js.hole(&p)
		}
	case "style":
		p.Kind = Style
	}
	return p, s
}

// Join is the state behind two ways that lead to one place.
func Join(a, b State) State {
	if a == b {
		return a
	}
	switch {
	case a.mode == inAttrName && b.mode == beforeAttr, a.mode == afterAttrName && b.mode == beforeAttr:
		return b // an attribute that one of them writes
	case b.mode == inAttrName && a.mode == beforeAttr, b.mode == afterAttrName && a.mode == beforeAttr, a.mode == afterAttrName && b.mode == inAttrName:
		return a
	case a.mode == b.mode && a.quote == b.quote && a.elem == b.elem && a.tag == b.tag && (a.attr == b.attr || a.mode != inValue):
		return joinDetails(a, b)
	case a.mode == inText && b.mode == inText:
		return State{pend: a.pend, unsure: a.unsure || b.unsure}
	}
	a.unsure = true
	return a
}

// joinDetails joins states of one tokenizer state. What either way leaves possible stays possible.
func joinDetails(a, b State) State {
	if a.mode == inValue {
		script, other := a.isScript(), b.isScript()
		if other && !script || script == other && len(b.value) < len(a.value) {
			a, b = b, a
		}
	}
	a.typ = max(a.typ, b.typ)
	a.meta = a.meta || b.meta
	a.js = joinJS(a.js, b.js)
	a.unsure = a.unsure || b.unsure || a.pend != b.pend
	return a
}
