package finding

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"stopper/internal/source"
)

const (
	// maxEvidence is how many lines of a long expression are shown: enough for a call with its arguments, one per line.
	maxEvidence = 8
	// nearby is how far above the sink a source in the same file may stand to be shown with it.
	nearby = 12
	// maxLine bounds a shown line: minified files have lines of megabytes. The part around the mark is kept.
	maxLine = 240
	// maxSnippet bounds the text of one step.
	maxSnippet = 160
	// maxSink bounds the text that a fingerprint looks at.
	maxSink = 4096
	// context is how much beside a span is searched for the name of a secret.
	context = 400
)

type placer struct {
	lookup Lookup
	hashes map[string][]string
	values []string // to hide wherever they stand
}

func (p *placer) hidden(f *Finding) hidden {
	return hidden{code: strings.HasSuffix(f.Path, ".py"), literals: f.Secret, values: p.values}
}

func (p *placer) file(path string) *source.File {
	if p.lookup == nil || path == "" {
		return nil
	}
	return p.lookup(path)
}

func (p *placer) place(f *Finding) {
	file := p.file(f.Path)
	f.Pos = locate(file, f.Span, f.Pos)
	p.words(f)
	p.steps(f.Flow, p.hidden(f))
	for _, fl := range f.MoreFlows {
		p.steps(fl, p.hidden(f))
	}
	for i := range f.Related {
		r := &f.Related[i]
		rf := p.file(r.Path)
		r.Pos = locate(rf, r.Span, r.Pos)
		r.Snippet = snippet(rf, r.Span, r.Snippet, p.hidden(f))
	}
	if file == nil {
		return
	}
	if f.Sink == "" && !f.Span.IsZero() {
		f.Sink = redactSpan(file, f.Span, maxSink, p.hidden(f))
	}
	if f.Sink == "" && f.Pos.Line > 0 {
		f.Sink = clip(strings.TrimSpace(file.LineText(f.Pos.Line)), maxLine)
	}
	if f.Evidence == nil {
		f.Evidence = evidence(file, f, p.hidden(f))
	}
	f.LineHash = p.lineHash(file, f.Pos.Line)
}

// words hides the secrets in what rules say.
func (p *placer) words(f *Finding) {
	if len(p.values) == 0 {
		return
	}
	hide := func(s *string) { *s = RedactValues(*s, p.values) }
	hide(&f.Message)
	for i := range f.Flow {
		hide(&f.Flow[i].Note)
	}
	for _, fl := range f.MoreFlows {
		for i := range fl {
			hide(&fl[i].Note)
		}
	}
	for i := range f.Related {
		hide(&f.Related[i].Note)
	}
}

func (p *placer) steps(steps []Step, h hidden) {
	for i := range steps {
		s := &steps[i]
		file := p.file(s.Path)
		s.Pos = locate(file, s.Span, s.Pos)
		s.Snippet = snippet(file, s.Span, s.Snippet, h)
	}
}

func locate(file *source.File, span source.Span, pos Position) Position {
	if file == nil || span.IsZero() {
		return pos
	}
	n := uint32(len(file.Text))
	start, end := min(span.Start, n), min(max(span.Start, span.End), n)
	pos.Line, pos.Col = file.Position(start)
	pos.EndLine, pos.EndCol = file.Position(end)
	_, pos.Col16 = file.PositionUTF16(start)
	_, pos.EndCol16 = file.PositionUTF16(end)
	return pos
}

func snippet(file *source.File, span source.Span, given string, h hidden) string {
	if given == "" && file != nil && !span.IsZero() {
		given = redactSpan(file, span, 8*maxSnippet, h)
	} else {
		given = RedactValues(given, h.values)
	}
	return clip(strings.Join(strings.Fields(strings.ToValidUTF8(given, "�")), " "), maxSnippet)
}

// redactSpan is the text of a span, at most limit bytes of it. The rest of its lines is looked at too, because the name
// that makes a value a secret stands beside it.
func redactSpan(file *source.File, span source.Span, limit uint32, h hidden) string {
	n := uint32(len(file.Text))
	start := min(span.Start, n)
	end := min(max(span.End, start), n, start+limit)
	lo := max(file.Offset(file.Line(start)), start-min(start, context))
	hi := min(file.Offset(file.Line(end)+1), end+context)
	_, inside, _ := redactParts(file.Slice(source.Span{Start: lo, End: hi}), int(start-lo), int(end-lo), h)
	if inside == "" && start < end {
		return Redacted
	}
	return inside
}

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// evidence shows the marked expression, and the flow's source when it stands just above it.
func evidence(file *source.File, f *Finding, h hidden) []Line {
	if f.Pos.Line == 0 {
		return nil
	}
	var out []Line
	if src := sourceLine(f); src > 0 {
		out = append(out, cut(file, src, 0, 0, h))
	}
	last := min(max(f.Pos.EndLine, f.Pos.Line), f.Pos.Line+maxEvidence-1)
	for n := f.Pos.Line; n <= last; n++ {
		from, to := marked(file, f, n)
		out = append(out, cut(file, n, from, to, h))
	}
	return out
}

func sourceLine(f *Finding) int {
	if len(f.Flow) == 0 {
		return 0
	}
	first := f.Flow[0]
	if first.Path != f.Path || first.Pos.Line >= f.Pos.Line || first.Pos.Line < f.Pos.Line-nearby {
		return 0
	}
	return first.Pos.Line
}

// marked is the byte range of line n that a finding covers.
func marked(file *source.File, f *Finding, n int) (from, to int) {
	line, pos := file.LineSpan(n), f.Pos
	if pos.Col == 0 {
		return 0, 0
	}
	from, to = indent(file.Text[line.Start:line.End]), int(line.End-line.Start)
	if n == pos.Line {
		from = byteColumn(file, line, f.Span.Start, pos.Col)
	}
	if n == pos.EndLine {
		to = byteColumn(file, line, f.Span.End, pos.EndCol)
	}
	return from, max(from, to)
}

func indent(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " \t")) }

// byteColumn is where an offset stands in its line, or, where only the column is known, the code point that stands there.
func byteColumn(file *source.File, line source.Span, off uint32, col int) int {
	if line.Start < off && off <= line.End {
		return int(off - line.Start)
	}
	for i := range file.Slice(line) {
		if col--; col == 0 {
			return i
		}
	}
	return int(line.End - line.Start)
}

// cut makes one shown line: redacted, valid UTF-8, tabs widened, at most maxLine code points around the mark.
func cut(file *source.File, n, from, to int, h hidden) Line {
	line := file.LineSpan(n)
	size := int(line.End - line.Start)
	head, tail, lo, hi := "", "", 0, size
	if size > 4*maxLine { // bound the work on one huge line before anything looks at every byte of it
		lo = max(0, min(from, size)-maxLine)
		hi = min(size, max(to, from)+maxLine, lo+4*maxLine)
		if lo > 0 {
			head = "…"
		}
		if hi < size {
			tail = "…"
		}
	}
	text := head + file.Slice(source.Span{Start: line.Start + uint32(lo), End: line.Start + uint32(hi)}) + tail
	from, to = from+len(head)-lo, to+len(head)-lo
	from, to = min(from, len(text)), min(to, len(text))
	before, inside, after := redactParts(text, from, to, h)
	before, inside, after = showable(before), showable(inside), showable(after)
	l := Line{Number: n, Text: strings.TrimRight(before+inside+after, " ")}
	if from < to {
		l.From = utf8.RuneCountInString(before)
		l.To = min(l.From+utf8.RuneCountInString(inside), utf8.RuneCountInString(l.Text))
	}
	return narrow(l)
}

func showable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\t", "    ")
}

func narrow(l Line) Line {
	r := []rune(l.Text)
	if len(r) <= maxLine {
		return l
	}
	lo := max(0, min(l.From-20, len(r)-maxLine))
	r = r[lo:min(len(r), lo+maxLine)]
	l.Text = "…" + string(r) + "…"
	l.From, l.To = max(0, l.From-lo+1), min(max(0, l.To-lo+1), len(r)+1)
	return l
}
