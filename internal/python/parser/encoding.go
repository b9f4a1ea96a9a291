package parser

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"

	"stopper/internal/python/ast"
	"stopper/internal/source"
)

// PEP 263 gives this expression.
var cookie = regexp.MustCompile(`^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`)

var bom = []byte("\xef\xbb\xbf")

// decode returns src itself if its text is UTF-8, else a file with the decoded text.
func (p *Parser) decode(src *source.File) *source.File {
	name, at := declared(src.Text)
	if name != "" && !isUTF8(name) {
		if text, msg := recode(src.Text, name); msg != "" {
			p.errs = append(p.errs, ast.SyntaxError{Span: at, Msg: msg})
		} else {
			return source.NewFile(src.Path, text)
		}
	}
	if utf8.Valid(src.Text) {
		return src
	}
	return p.patch(src)
}

func recode(text []byte, name string) ([]byte, string) {
	if bytes.HasPrefix(text, bom) {
		return nil, "encoding is UTF-8 by the byte order mark, but declared as " + name
	}
	out, ok := convert(text, name)
	if !ok {
		return nil, "unknown encoding, or text not in it: " + name
	}
	return out, ""
}

// patch replaces every byte that is not UTF-8 by a question mark, so that offsets keep their meaning.
func (p *Parser) patch(src *source.File) *source.File {
	text := bytes.Clone(src.Text)
	first := -1
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, w := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && w == 1 {
			text[i] = '?'
			if first < 0 {
				first = i
			}
		}
		i += w
	}
	p.errs = append(p.errs, ast.SyntaxError{
		Span: source.Span{Start: uint32(first), End: uint32(first + 1)},
		Msg:  "text is not UTF-8 and declares no other encoding",
	})
	return source.NewFile(src.Path, text)
}

// declared finds the encoding cookie in the first two lines. The second counts only behind a blank or comment line.
func declared(text []byte) (string, source.Span) {
	text, skip := bytes.CutPrefix(text, bom)
	at := 0
	if skip {
		at = len(bom)
	}
	for range 2 {
		line, rest := text, []byte(nil)
		if i := bytes.IndexAny(text, "\r\n"); i >= 0 {
			line, rest = text[:i], text[i+1:]
			if text[i] == '\r' && len(rest) > 0 && rest[0] == '\n' {
				rest = rest[1:]
			}
		}
		if bytes.Contains(line, []byte("coding")) {
			if m := cookie.FindSubmatchIndex(line); m != nil {
				return strings.ToLower(string(line[m[2]:m[3]])), source.Span{Start: uint32(at + m[2]), End: uint32(at + m[3])}
			}
		}
		if t := bytes.TrimLeft(line, " \t\f"); len(t) > 0 && t[0] != '#' {
			break
		}
		at += len(text) - len(rest)
		text = rest
	}
	return "", source.Span{}
}

func isUTF8(name string) bool {
	name = strings.ReplaceAll(name, "_", "-")
	return name == "utf-8" || name == "utf8" || name == "ascii" || name == "us-ascii" || strings.HasPrefix(name, "utf-8-")
}

// pythonNames are Python's own spellings of encodings that the IANA registry lists under another name.
var pythonNames = map[string]string{
	"latin-1": "iso-8859-1", "latin1": "iso-8859-1", "latin": "iso-8859-1", "l1": "iso-8859-1",
	"iso8859-1": "iso-8859-1", "iso-latin-1": "iso-8859-1", "iso-latin-1-unix": "iso-8859-1",
	"iso8859-2": "iso-8859-2", "latin2": "iso-8859-2", "iso8859-15": "iso-8859-15", "latin9": "iso-8859-15",
	"iso8859-5": "iso-8859-5", "cp1250": "windows-1250", "cp1251": "windows-1251", "cp1252": "windows-1252",
	"cp1253": "windows-1253", "cp1254": "windows-1254", "cp1255": "windows-1255", "cp1256": "windows-1256",
	"cp1257": "windows-1257", "cp1258": "windows-1258", "cp437": "ibm437", "cp850": "ibm850", "cp852": "ibm852",
	"cp866": "ibm866", "mac-roman": "macintosh", "koi8-r": "koi8-r", "koi8-u": "koi8-u", "cp932": "shift_jis",
	"sjis": "shift_jis", "shift-jis": "shift_jis", "eucjp": "euc-jp", "euc-jp": "euc-jp", "cp949": "euc-kr",
	"euckr": "euc-kr", "cp936": "gbk", "cp950": "big5",
}

func convert(text []byte, name string) ([]byte, bool) {
	name = strings.ReplaceAll(name, "_", "-")
	if n, ok := pythonNames[name]; ok {
		name = n
	}
	enc, err := ianaindex.IANA.Encoding(name)
	if err != nil || enc == nil || enc == encoding.Nop {
		return nil, false
	}
	if table, ok := enc.(*charmap.Charmap); ok {
		return byTable(text, table), true
	}
	out, err := enc.NewDecoder().Bytes(text)
	return out, err == nil
}

// byTable decodes a single-byte encoding. Where the table has no character, Python has the control of that number.
func byTable(text []byte, table *charmap.Charmap) []byte {
	out := make([]byte, 0, len(text)+len(text)/8)
	for _, c := range text {
		r := table.DecodeByte(c)
		if r == utf8.RuneError {
			r = rune(c)
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}
