package text

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"stopper/internal/report/result"
)

// maxKey bounds the column of keys.
const maxKey = 36

// WriteConfig writes the effective configuration: each key with its value, and below it what sets it, in order.
func WriteConfig(w io.Writer, r *result.Result, o Options) error {
	p := newPrinter(w, o)
	wide := 0
	for _, s := range r.Settings {
		wide = max(wide, min(utf8.RuneCountInString(s.Key), maxKey))
	}
	set := 0
	var later []result.SettingSource
	for _, s := range r.Settings {
		own := slices.DeleteFunc(slices.Clone(s.Chain[min(1, len(s.Chain)):]), func(c result.SettingSource) bool { return c.Text == "" && c.State == "may replace it" })
		for _, c := range s.Chain {
			if c.Text == "" && c.State == "may replace it" && !slices.ContainsFunc(later, func(x result.SettingSource) bool { return x.File == c.File && x.Line == c.Line }) {
				later = append(later, c)
			}
		}
		value := result.Name(s.Value)
		if value == "" {
			value = "(not known)"
		}
		if len(own) == 0 {
			p.line(pad(result.Name(s.Key), wide), "  ", value, "  ", paint(p.s.faint, "default"), ignored(s))
			continue
		}
		set++
		p.line(paint(p.s.bold, pad(result.Name(s.Key), wide)), "  ", value, note(s), ignored(s))
		for _, c := range own {
			p.line(pad("", wide), "    ", result.Name(c.How), "  ", result.Name(c.Text), "  ", paint(p.s.path, place(c)), "  ", paint(p.s.faint, source(c)))
		}
	}
	if len(later) > 0 {
		p.line("")
		p.line("What these load is not in the tree, and may set or replace any key:")
		for _, c := range later {
			p.line("  ", result.Name(strings.ReplaceAll(c.How, "_"+r.Settings[0].Key, "_…")), "  ", paint(p.s.path, place(c)))
		}
	}
	if len(r.Settings) > 0 {
		p.line("")
	}
	p.line(result.Plural(set, "key is set", "keys are set"), fmt.Sprintf(", %s by default", result.Number(len(r.Settings)-set)))
	return p.w.Flush()
}

func place(c result.SettingSource) string {
	if c.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", result.Name(c.File), c.Line)
}

func source(c result.SettingSource) string {
	if c.Env != "" && c.State != "not for production" {
		return c.State + " (" + c.Env + ")"
	}
	return c.State
}

func note(s result.Setting) string {
	switch {
	case s.On == "":
		return ""
	case s.Answer == "not visible":
		return "  unless set by " + result.Name(s.On)
	}
	return "  depends on " + result.Name(s.On)
}

func ignored(s result.Setting) string {
	if s.Ignored == "" {
		return ""
	}
	return "  (version " + result.Name(s.Ignored) + " does not read it)"
}
