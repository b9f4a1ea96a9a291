// Package uwsgi reads uWSGI's configuration in its forms INI, YAML, JSON and XML: a list of options with their lines.
//
// Syntax: https://uwsgi-docs.readthedocs.io/en/latest/Configuration.html
package uwsgi

import (
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/yamltree"
)

// maxOptions bounds what one file yields.
const maxOptions = 2_000

// File is one configuration.
type File struct {
	Path    string
	Options []deploy.Var // names with dashes, as the manual writes them; references to other options replaced
}

// Get is the last value of the first option that is set.
func (f *File) Get(names ...string) string {
	for _, n := range names {
		for i := len(f.Options) - 1; i >= 0; i-- {
			if f.Options[i].Name == n {
				return f.Options[i].Value
			}
		}
	}
	return ""
}

// Env is what the options give the environment: env = NAME=value.
func (f *File) Env() []deploy.Var {
	var out []deploy.Var
	for _, o := range f.Options {
		if name, value, ok := strings.Cut(o.Value, "="); ok && o.Name == "env" && name != "" {
			out = append(out, deploy.Var{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value), Line: o.Line})
		}
	}
	return out
}

// Parse reads a file by its name; nil when it has no part for uWSGI.
func Parse(p string, text []byte) (*File, []deploy.Problem) {
	if problems := deploy.TooLarge(text); problems != nil {
		return nil, problems
	}
	f := &File{Path: p}
	var err error
	switch strings.ToLower(path.Ext(p)) {
	case ".yaml", ".yml", ".json":
		err = f.tree(text)
	case ".xml":
		err = f.xml(text)
	default:
		f.ini(text)
	}
	if err != nil {
		return nil, []deploy.Problem{{Message: err.Error()}}
	}
	if len(f.Options) == 0 {
		return nil, nil
	}
	f.expand()
	return f, nil
}

func (f *File) add(name, value string, line int) {
	if name != "" && len(f.Options) < maxOptions {
		f.Options = append(f.Options, deploy.Var{Name: strings.ReplaceAll(name, "_", "-"), Value: value, Line: line})
	}
}

func (f *File) ini(text []byte) {
	section := ""
	for i, raw := range strings.Split(string(text), "\n") {
		line := strings.TrimSpace(raw)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			section = strings.TrimSpace(strings.Trim(line, "[]"))
		case section == "uwsgi":
			name, value, _ := strings.Cut(line, "=")
			f.add(strings.TrimSpace(name), strings.TrimSpace(value), i+1)
		}
	}
}

func (f *File) tree(text []byte) error {
	docs, err := yamltree.Parse(text)
	if err != nil || len(docs) == 0 {
		return err
	}
	for _, p := range docs[0].Get("uwsgi").Pairs() {
		for _, v := range p.Value.List() {
			f.add(p.Key, v.Str(), v.At())
		}
	}
	return nil
}

var errXML = errors.New("not valid XML")

func (f *File) xml(text []byte) error {
	dec := xml.NewDecoder(strings.NewReader(string(text)))
	depth, inside := 0, 0
	name, value, line := "", "", 0
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errXML
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			if t.Name.Local == "uwsgi" && inside == 0 {
				inside = depth
			} else if inside > 0 && depth == inside+1 {
				name, value = t.Name.Local, ""
				line, _ = dec.InputPos()
			}
		case xml.CharData:
			if inside > 0 && depth == inside+1 && len(value) < maxOptions {
				value += string(t)
			}
		case xml.EndElement:
			if inside > 0 && depth == inside+1 {
				f.add(name, strings.TrimSpace(value), line)
			}
			if depth--; depth < inside {
				inside = 0
			}
		}
	}
}

// expand replaces %(name) by the option or set-placeholder of that name, once: what it gives is not read again.
func (f *File) expand() {
	known := map[string]string{}
	for _, o := range f.Options {
		if name, value, ok := strings.Cut(o.Value, "="); ok && (o.Name == "set-placeholder" || o.Name == "set-ph" || o.Name == "set") {
			known[strings.TrimSpace(name)] = strings.TrimSpace(value)
			continue
		}
		known[o.Name] = o.Value
		known[strings.ReplaceAll(o.Name, "-", "_")] = o.Value
	}
	for i := range f.Options {
		f.Options[i].Value = replace(f.Options[i].Value, known)
	}
}

// maxValue bounds a value after replacing.
const maxValue = 10_000

func replace(s string, known map[string]string) string {
	var b strings.Builder
	for b.Len() < maxValue {
		before, rest, ok := strings.Cut(s, "%(")
		name, after, closed := strings.Cut(rest, ")")
		if !ok || !closed {
			break
		}
		b.WriteString(before)
		if v, isKnown := known[name]; isKnown {
			b.WriteString(v)
		} else {
			b.WriteString("%(" + name + ")")
		}
		s = after
	}
	b.WriteString(s)
	return b.String()
}
