package result

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

// Encode writes v as indented JSON with a final line break. Map keys are sorted and HTML is left readable. Code points
// that a terminal or an editor may act on (C1 controls, bidirectional overrides) are escaped: they come from the audited
// tree, and people do look at machine output.
func Encode(w io.Writer, v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	_, err := w.Write(escapeControls(buf.Bytes()))
	return err
}

// escapeControls works on encoded JSON: outside ASCII, only strings have such code points.
func escapeControls(b []byte) []byte {
	if !bytes.ContainsFunc(b, Hostile) {
		return b
	}
	out := make([]byte, 0, len(b)+64)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if Hostile(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return out
}

// Hostile reports code points that make a terminal or editor show something else than what is there: control
// characters other than the line feed, and bidirectional controls.
func Hostile(r rune) bool {
	switch {
	case r < 0x20 && r != '\n', 0x7F <= r && r <= 0x9F:
		return true
	case r == 0x061C, 0x200E <= r && r <= 0x200F, 0x2028 <= r && r <= 0x202E, 0x2066 <= r && r <= 0x2069, r == 0xFEFF:
		return true
	}
	return false
}
