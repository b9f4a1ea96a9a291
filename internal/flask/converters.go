package flask

import (
	"strings"

	"stopper/internal/startup"
)

// isFlaskModule reports whether a module belongs to Flask or to one of the extensions that stand in for importing it.
func isFlaskModule(name string) bool {
	top, _, _ := strings.Cut(name, ".")
	return top == "flask" || strings.HasPrefix(top, "flask_") || top == "apiflask" || top == "connexion" || top == "quart"
}

// converterOf says what a converter of werkzeug.routing lets through; see customConverters for those of the program.
func converterOf(name string) Converter {
	name, _, _ = strings.Cut(name, "(")
	switch name {
	case "int", "float", "uuid", "any":
		return Converter{Name: name, IsClean: true, NoSlash: true}
	case "path":
		return Converter{Name: name}
	case "", "string", "default":
		return Converter{Name: "default", NoSlash: true}
	}
	return Converter{Name: name}
}

// parseRule finds the variable parts of a URL rule: <name>, <converter:name>, <converter(args):name>.
func parseRule(rule string) map[string]Converter {
	params := map[string]Converter{}
	for {
		open := strings.IndexByte(rule, '<')
		if open < 0 {
			return params
		}
		end := closing(rule[open:])
		if end < 0 {
			return params
		}
		part := rule[open+1 : open+end]
		rule = rule[open+end+1:]
		conv, name := "", part
		if i := strings.LastIndexByte(part, ':'); i >= 0 {
			conv, name = part[:i], part[i+1:]
		}
		params[strings.TrimSpace(name)] = converterOf(strings.TrimSpace(conv))
	}
}

// closing is the index of the '>' that ends a part, quotes skipped: <regex("a>b"):x>.
func closing(s string) int {
	var quote byte
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return -1
}

// tail is a rule below a prefix that nobody can tell.
type tail struct{ rule string }

// join puts a prefix in front of a rule; either may be None.
func join(_ *startup.Interp, args startup.Args) startup.Value {
	if len(args.Pos) != 2 {
		return &startup.Unknown{}
	}
	return startup.Each(args.Pos[0], func(p startup.Value) startup.Value {
		return startup.Each(args.Pos[1], func(r startup.Value) startup.Value { return joinOne(p, r) })
	})
}

func joinOne(p, r startup.Value) startup.Value {
	if below, ok := r.(tail); ok {
		return below
	}
	rule, ok := strOrNone(r)
	if !ok {
		return &startup.Unknown{}
	}
	switch p := p.(type) {
	case *startup.Unknown:
		return tail{rule}
	case tail:
		return tail{joinURL(p.rule, rule)}
	}
	prefix, ok := strOrNone(p)
	if !ok {
		return &startup.Unknown{}
	}
	return startup.Str{S: joinURL(prefix, rule)}
}

// joinURL puts a prefix in front of a rule as Flask does: it strips the prefix's trailing slash and demands one between.
func joinURL(prefix, rule string) string {
	if prefix == "" {
		if rule == "" {
			return "/"
		}
		return rule
	}
	if rule == "" {
		return prefix
	}
	return strings.TrimRight(prefix, "/") + "/" + strings.TrimLeft(rule, "/")
}
