package jinja

import (
	"strings"
	"unicode/utf8"

	"stopper/internal/source"
)

// lexer cuts a template into tokens. Its states are those of Jinja: text, and inside a tag; raw blocks and comments are
// taken whole. Text is cut where whitespace control says so, and a tag that cannot be read ends at its first end delimiter.
type lexer struct {
	src      string
	opt      Options
	openers  []opener
	first    [256]bool // the bytes that an opener may begin with
	toks     []token
	comments []Comment
	errors   []SyntaxError
	pos      int
	// afterNewline: what was read last ended with a line break.
	afterNewline bool
	reread       int // how many bytes were given back after broken tags
}

// maxReread bounds, in lengths of the text, how much is read again after tags that could not be read to their end. A text
// beyond it is made to be slow; its rest is not read.
const maxReread = 4

func lex(src string, opt Options, room []token) *lexer {
	l := &lexer{src: src, opt: opt, openers: opt.openers(), toks: room, afterNewline: true}
	for _, o := range l.openers {
		l.first[o.text[0]] = true
	}
	for l.pos < len(l.src) {
		l.text()
	}
	end := uint32(len(src))
	l.toks = append(l.toks, token{kind: tEOF, span: source.Span{Start: end, End: end}})
	return l
}

func (l *lexer) fail(from, to int, msg string) {
	l.errors = append(l.errors, SyntaxError{source.Span{Start: uint32(from), End: uint32(min(to, len(l.src)))}, msg})
}

func (l *lexer) emit(kind tokenKind, from, to int, text string) {
	l.toks = append(l.toks, token{kind, source.Span{Start: uint32(from), End: uint32(to)}, text})
}

// found is an opener in the text: where it begins, where its delimiter and sign end, and the sign.
type found struct {
	what     opening
	at, end  int
	sign     byte
	trimNext bool // {% raw -%}: space after it goes
}

// text reads up to the next opener, and what that opens.
func (l *lexer) text() {
	start := l.pos
	f, ok := l.find(start)
	if !ok {
		l.data(start, len(l.src))
		l.pos = len(l.src)
		return
	}
	l.data(start, l.strip(start, f))
	l.afterNewline = false
	l.pos = f.end
	switch f.what {
	case openRaw:
		if f.trimNext {
			l.pos = skipSpace(l.src, l.pos)
		}
		l.raw(f)
	case openComment:
		l.comment(f)
	case openLineComment:
		end := lineEnd(l.src, l.pos)
		l.comments = append(l.comments, Comment{source.Span{Start: uint32(f.at), End: uint32(end)}, l.src[l.pos:end]})
		l.pos = end
	case openVariable:
		l.tag(f, tVariableBegin, tVariableEnd)
	default:
		l.tag(f, tBlockBegin, tBlockEnd)
	}
}

// data emits literal text.
func (l *lexer) data(from, to int) {
	if from < to {
		l.emit(tData, from, to, l.src[from:to])
	}
}

// strip is where the text before an opener ends.
func (l *lexer) strip(start int, f found) int {
	text := l.src[start:f.at]
	switch {
	case f.sign == '-':
		return start + len(trimRight(text))
	case f.sign != '+' && l.opt.LstripBlocks && f.what != openVariable:
		line := strings.LastIndexAny(text, "\r\n") + 1
		if (line > 0 || l.afterNewline) && line < len(text) && trimRight(text[line:]) == "" {
			return start + line
		}
	}
	return f.at
}

// find looks for the next opener.
func (l *lexer) find(from int) (found, bool) {
	linewise := l.opt.LineStatement != "" || l.opt.LineComment != ""
	for i := from; i < len(l.src); i++ {
		if !linewise && !l.first[l.src[i]] {
			continue
		}
		if f, ok := l.openerAt(i); ok {
			return f, true
		}
	}
	return found{}, false
}

func (l *lexer) openerAt(i int) (found, bool) {
	if f, ok := l.rawAt(i); ok {
		return f, true
	}
	for _, o := range l.openers {
		at := i
		switch o.what {
		case openLineStatement:
			if !l.lineStart(i) {
				continue
			}
			at = skipAny(l.src, i, " \t\v")
		case openLineComment:
			if !l.lineStart(i) && !l.afterWord(i) {
				continue
			}
			at = skipBlank(l.src, i)
		}
		if !strings.HasPrefix(l.src[at:], o.text) {
			continue
		}
		f := found{what: o.what, at: i, end: at + len(o.text)}
		if f.end < len(l.src) && (l.src[f.end] == '-' || l.src[f.end] == '+') {
			f.sign = l.src[f.end]
			f.end++
		}
		return f, true
	}
	return found{}, false
}

func (l *lexer) lineStart(i int) bool {
	return i == 0 || l.src[i-1] == '\n' || l.src[i-1] == '\r' && l.src[i] != '\n'
}

func (l *lexer) afterWord(i int) bool {
	r, _ := utf8.DecodeLastRuneInString(l.src[:i])
	return !isSpace(r)
}

// rawAt matches {% raw %} in any spacing.
func (l *lexer) rawAt(i int) (found, bool) {
	f := found{what: openRaw, at: i}
	if !strings.HasPrefix(l.src[i:], l.opt.BlockStart) {
		return f, false
	}
	var ok bool
	if f.end, f.sign, ok = l.tagWord(i, "raw"); !ok {
		return f, false
	}
	if rest := l.src[f.end:]; strings.HasPrefix(rest, "-"+l.opt.BlockEnd) {
		f.end += 1 + len(l.opt.BlockEnd)
		f.trimNext = true
		return f, true
	} else if strings.HasPrefix(rest, l.opt.BlockEnd) {
		f.end += len(l.opt.BlockEnd)
		return f, true
	}
	return f, false
}

// tagWord matches the beginning of a tag and a word, with the space around it.
func (l *lexer) tagWord(i int, word string) (end int, sign byte, ok bool) {
	end = i + len(l.opt.BlockStart)
	if end < len(l.src) && (l.src[end] == '-' || l.src[end] == '+') {
		sign = l.src[end]
		end++
	}
	end = skipSpace(l.src, end)
	if !strings.HasPrefix(l.src[end:], word) {
		return 0, 0, false
	}
	return skipSpace(l.src, end+len(word)), sign, true
}

// raw reads the text of a raw block.
func (l *lexer) raw(open found) {
	start := l.pos
	for i := start; ; {
		j := strings.Index(l.src[i:], l.opt.BlockStart)
		if j < 0 {
			l.unclosed(open, "the raw block is not closed")
			l.data(start, len(l.src))
			l.pos = len(l.src)
			return
		}
		i += j
		word, sign, ok := l.tagWord(i, "endraw")
		if ok {
			if end, ok := l.blockEnd(word); ok {
				l.data(start, l.strip(start, found{what: openRaw, at: i, sign: sign}))
				l.finish(end)
				return
			}
		}
		i++
	}
}

// comment reads a comment, which is kept aside.
func (l *lexer) comment(open found) {
	i := strings.Index(l.src[l.pos:], l.opt.CommentEnd)
	if i < 0 {
		l.unclosed(open, "the comment is not closed")
		l.pos = len(l.src)
		return
	}
	text := l.src[l.pos : l.pos+i]
	end := l.pos + i + len(l.opt.CommentEnd)
	l.comments = append(l.comments, Comment{source.Span{Start: uint32(open.at), End: uint32(end)}, text})
	switch {
	case strings.HasSuffix(text, "-"):
		end = skipSpace(l.src, end)
	case !strings.HasSuffix(text, "+") && l.opt.TrimBlocks:
		end = skipNewline(l.src, end)
	}
	l.finish(end)
}

// unclosed is an error, except at the very end of the text, where Jinja lets it pass.
func (l *lexer) unclosed(open found, msg string) {
	if l.pos < len(l.src) {
		l.fail(open.at, open.end, msg)
	}
}

func (l *lexer) finish(end int) {
	l.pos = end
	l.afterNewline = end > 0 && (l.src[end-1] == '\n' || l.src[end-1] == '\r')
}

// blockEnd matches the end of a block tag with its sign and the space that it swallows.
func (l *lexer) blockEnd(i int) (int, bool) {
	rest, d := l.src[i:], l.opt.BlockEnd
	switch {
	case strings.HasPrefix(rest, "+"+d):
		return i + 1 + len(d), true
	case strings.HasPrefix(rest, "-"+d):
		return skipSpace(l.src, i+1+len(d)), true
	case strings.HasPrefix(rest, d):
		i += len(d)
		if l.opt.TrimBlocks {
			i = skipNewline(l.src, i)
		}
		return i, true
	}
	return 0, false
}

// variableEnd is the same for {{ }}.
func (l *lexer) variableEnd(i int) (int, bool) {
	rest, d := l.src[i:], l.opt.VariableEnd
	switch {
	case strings.HasPrefix(rest, "-"+d):
		return skipSpace(l.src, i+1+len(d)), true
	case strings.HasPrefix(rest, d):
		return i + len(d), true
	}
	return 0, false
}

// lineStatementEnd: only white space up to the end of the line. Empty lines after it belong to it.
func (l *lexer) lineStatementEnd(i int) (int, bool) {
	end := skipSpace(l.src, i)
	if end == len(l.src) {
		return end, true
	}
	j := strings.LastIndexAny(l.src[i:end], "\r\n")
	return i + j + 1, j >= 0
}

// tag reads the inside of a tag. The delimiters' tokens span the delimiters with their signs.
func (l *lexer) tag(open found, begin, end tokenKind) {
	first := len(l.toks)
	l.emit(begin, open.at, open.end, "")
	ends := l.blockEnd
	switch open.what {
	case openVariable:
		ends = l.variableEnd
	case openLineStatement:
		ends = l.lineStatementEnd
	}
	var brackets []byte
	for l.pos < len(l.src) {
		if len(brackets) == 0 {
			if e, ok := ends(l.pos); ok {
				l.emit(end, l.pos, l.endOf(e, open.what), "")
				l.finish(e)
				return
			}
		}
		if !l.token(&brackets) {
			l.abandon(open, first, end)
			return
		}
	}
	if open.what == openLineStatement && len(brackets) == 0 {
		l.emit(end, l.pos, l.pos, "")
		return
	}
	l.fail(open.at, open.end, "the tag is not closed")
	l.abandon(open, first, end)
}

// endOf is the end of an end delimiter without the space that it swallowed.
func (l *lexer) endOf(e int, what opening) int {
	d := l.opt.BlockEnd
	switch what {
	case openVariable:
		d = l.opt.VariableEnd
	case openLineStatement:
		return e
	}
	if i := strings.Index(l.src[l.pos:e], d); i >= 0 {
		return l.pos + i + len(d)
	}
	return e
}

// abandon ends a tag that cannot be read at its first end delimiter, whatever it stands in.
func (l *lexer) abandon(open found, first int, end tokenKind) {
	d := l.opt.BlockEnd
	switch open.what {
	case openVariable:
		d = l.opt.VariableEnd
	case openLineStatement:
		d = "\n"
	}
	at, after := len(l.src), len(l.src)
	if i := strings.Index(l.src[open.end:], d); i >= 0 {
		at = open.end + i
		after = at + len(d)
	}
	for len(l.toks) > first+1 && int(l.toks[len(l.toks)-1].span.End) > at {
		l.toks = l.toks[:len(l.toks)-1]
	}
	l.emit(tBroken, at, at, "")
	l.emit(end, at, after, "")
	if l.reread += max(0, l.pos-after); l.reread > maxReread*len(l.src) {
		l.fail(after, len(l.src), "too many broken tags")
		after = len(l.src)
	}
	l.finish(after)
}
