package deps

import (
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/yamltree"
)

// requirements reads pip's format: options, includes, continuation lines, hashes, comments.
// https://pip.pypa.io/en/stable/reference/requirements-file-format/
func (f *File) requirements(text []byte) {
	lines := strings.Split(string(text), "\n")
	for i := 0; i < len(lines); i++ {
		at := i + 1
		s := strings.TrimRight(lines[i], " \t\r")
		var joined strings.Builder
		for strings.HasSuffix(s, `\`) && i+1 < len(lines) && joined.Len() < maxRequirement {
			joined.WriteString(strings.TrimSuffix(s, `\`))
			i++
			s = strings.TrimRight(lines[i], " \t\r")
		}
		joined.WriteString(s)
		f.requirementLine(joined.String(), at)
	}
}

func (f *File) requirementLine(s string, line int) {
	s = strings.TrimSpace(strings.TrimPrefix(s, "\ufeff"))
	if i := strings.Index(s, " #"); i >= 0 {
		s = strings.TrimSpace(s[:i])
	}
	if s == "" || s[0] == '#' {
		return
	}
	if s[0] == '-' {
		option, value, _ := strings.Cut(strings.ReplaceAll(s, "=", " "), " ")
		switch value = strings.TrimSpace(value); option {
		case "-r", "--requirement", "-c", "--constraint":
			f.Includes = append(f.Includes, value)
		}
		return
	}
	s, options, hasOptions := strings.Cut(s, " --")
	if strings.Contains(s, "://") && !strings.Contains(s, " @ ") {
		return // a bare URL names no package
	}
	n := len(f.Deps)
	if f.addRequirement(s, line, false) && hasOptions && len(f.Deps) > n {
		f.Deps[n].Hashed = strings.Contains(options, "hash=")
	}
}

// setupCfg reads install_requires and extras of [options].
func (f *File) setupCfg(text []byte) {
	section, key := "", ""
	line := 0
	for raw := range strings.Lines(string(text)) {
		line++
		s := strings.TrimSpace(raw)
		switch {
		case s == "" || s[0] == '#' || s[0] == ';':
			continue
		case s[0] == '[':
			section, key = strings.Trim(s, "[]"), ""
			continue
		case raw[0] != ' ' && raw[0] != '\t':
			k, v, ok := strings.Cut(s, "=")
			if !ok {
				continue
			}
			key, s = strings.TrimSpace(k), strings.TrimSpace(v)
		}
		if s == "" {
			continue
		}
		switch {
		case section == "options" && key == "install_requires":
			f.addRequirement(s, line, false)
		case section == "options" && key == "python_requires":
			f.Python = deploy.Value{Text: s, Line: line}
		case section == "options.extras_require":
			f.addRequirement(s, line, isDevName(key))
		}
	}
}

// conda reads an environment file; "python=3.9" has one equals sign there.
func (f *File) conda(text []byte) error {
	docs, err := yamltree.Parse(text)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		for _, d := range doc.Get("dependencies").List() {
			if d.Kind == yamltree.Map {
				for _, p := range d.Get("pip").List() {
					f.addRequirement(p.Str(), p.At(), false)
				}
				continue
			}
			parts := strings.Split(strings.ReplaceAll(d.Str(), "==", "="), "=")
			if strings.ContainsAny(parts[0], "<>~! ") {
				f.addRequirement(d.Str(), d.At(), false)
				continue
			}
			dep := Dep{Name: parts[0], Line: d.At()}
			if len(parts) > 1 {
				dep.Version, dep.Spec = parts[1], "=="+parts[1]
			}
			if dep.Name == "python" && len(parts) > 1 {
				f.Python = deploy.Value{Text: "==" + parts[1], Line: d.At()}
				continue
			}
			f.add(dep)
		}
	}
	return nil
}
