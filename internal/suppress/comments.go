package suppress

import (
	"bytes"
	"strings"

	"stopper/internal/source"
)

// LineComments finds the comments of a configuration file: from one of the marks ("#", or "#;" for INI files) at the start of
// a line or after a blank to its end. Only comments that can hold a suppression are returned, so a # within a value does no harm.
func LineComments(f *source.File, marks string) []source.Span {
	if !bytes.Contains(f.Text, []byte("stopper:")) {
		return nil
	}
	var out []source.Span
	for n, last := 1, f.LineCount(); n <= last; n++ {
		line := f.Slice(f.LineSpan(n))
		for i := 0; i < len(line); i++ {
			if strings.IndexByte(marks, line[i]) >= 0 && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
				start := f.Offset(n) + uint32(i)
				out = append(out, source.Span{Start: start, End: f.Offset(n) + uint32(len(line))})
				break
			}
		}
	}
	return out
}

// JinjaComments finds the {# … #} comments of a template.
func JinjaComments(f *source.File) []source.Span {
	var out []source.Span
	if !bytes.Contains(f.Text, []byte("stopper:")) {
		return nil
	}
	for at := 0; ; {
		open := bytes.Index(f.Text[at:], []byte("{#"))
		if open < 0 {
			return out
		}
		start := at + open
		end := bytes.Index(f.Text[start+2:], []byte("#}"))
		if end < 0 {
			return out
		}
		at = start + 2 + end + 2
		out = append(out, source.Span{Start: uint32(start), End: uint32(at)})
	}
}
