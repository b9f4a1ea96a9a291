// Package secret001 looks for credentials that are written into the files of the repository.
package secret001

import (
	_ "embed"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/visibility"
	"stopper/internal/workspace"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-SECRET-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run reads the strings of Python first, then the text of configuration and key files.
func (Rule) Run(p *rule.Pass) {
	python(p)
	keys := map[string]*finding.Finding{}
	for _, f := range p.Project.Work.Files {
		if f.IsTest || f.IsExample || !isRead(f) || isSample(f.Path) {
			continue
		}
		if text, err := p.Project.Work.Read(f.Path); err == nil {
			lines(p, f.Path, string(text), keys)
		}
	}
	environment(p)
	scan(p)
}

// scanners look for secrets before a commit or in the pipeline.
var scanners = [...]string{"gitleaks", "detect-secrets", "trufflehog", "ggshield", "git-secrets", "secretlint", "talisman", "whispers", "secret-detection", "secret_detection"}

// scan: hooks or a pipeline are there, and none of them looks for secrets.
func scan(p *rule.Pass) {
	files := p.Project.Work.OfClass(workspace.CI)
	if len(files) == 0 || !p.HasApp() || !p.ShowsProduction() {
		return
	}
	for _, f := range files {
		text, err := p.Project.Work.Read(f.Path)
		if err != nil {
			continue
		}
		for _, s := range scanners {
			if strings.Contains(strings.ToLower(string(text)), s) {
				return
			}
		}
	}
	f := rule.NotVisible(p.Whole("no-scan"), visibility.PlatformScanning)
	f.Confidence = finding.ConfidenceLow
	p.Report(f)
}

// maxText bounds the files that are read: credentials stand in short ones.
const maxText = 256 << 10

func isRead(f workspace.File) bool {
	if f.Size > maxText {
		return false
	}
	switch f.Class {
	case workspace.Env, workspace.Config, workspace.Compose, workspace.Shell, workspace.CI, workspace.K8s, workspace.Dockerfile,
		workspace.Nginx, workspace.Systemd, workspace.Supervisor, workspace.Procfile:
		return true
	case workspace.Other:
		switch base := strings.ToLower(path.Base(f.Path)); path.Ext(base) {
		case ".pem", ".key", ".ppk":
			return true
		default:
			return base == ".npmrc" || base == ".pypirc" || base == ".netrc" || base == "credentials" || base == "id_rsa" || base == "id_ed25519"
		}
	}
	return false
}

var isTestName = regexp.MustCompile(`(?:^|[-_.])tests?[-_.]`)

func isSample(file string) bool {
	l := strings.ToLower(path.Base(file))
	if isTestName.MatchString(l) {
		return true
	}
	for _, w := range [...]string{"example", "sample", "template", ".dist", "fixture", "mock", "dummy", "package-lock", "composer.lock"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// maxRelated bounds how many further keys of a folder are listed.
const maxRelated = 20

// lines looks for known formats in a text that is not Python. Private keys of one folder were made together, and are one finding.
func lines(p *rule.Pass, file, text string, keys map[string]*finding.Finding) {
	for _, m := range known(text) {
		line := 1 + strings.Count(text[:m.start], "\n")
		f := p.AtLine(m.slug, file, line)
		if m.slug == "private-key" {
			if first := keys[path.Dir(file)]; first != nil {
				if len(first.Related) < maxRelated {
					first.Related = append(first.Related, rule.LinePlace(file, line, "another private key"))
				}
				continue
			}
			keys[path.Dir(file)] = f
		}
		report(p, f, line, lineAt(text, m.start), text[m.start:m.end], m.what)
	}
}

// report fills a finding in a way that shows the place and not the secret.
func report(p *rule.Pass, f *finding.Finding, line int, shown, secret, what string) {
	shown = strings.ReplaceAll(shown, secret, finding.Redacted)
	if first, _, many := strings.Cut(secret, "\n"); many {
		shown = first
	}
	f.Message = what + " stands in the repository"
	f.Secret = true
	f.Evidence = []finding.Line{{Number: line, Text: strings.TrimSpace(finding.Redact(clip(shown)))}}
	f.Sink = what
	if what == googleKey {
		f.Severity = finding.Medium
		f.Reasons = append(f.Reasons, "keys of this kind that browsers use are public by design: see whether it is restricted")
	}
	p.Report(f)
}

const maxShown = 200

func clip(s string) string {
	if len(s) > maxShown {
		s = s[:maxShown]
	}
	return strings.ToValidUTF8(s, "?")
}

func lineAt(text string, off int) string {
	start := strings.LastIndexByte(text[:off], '\n') + 1
	end := strings.IndexByte(text[off:], '\n')
	if end < 0 {
		return text[start:]
	}
	return text[start : off+end]
}

// developmentModule is a module of settings for tests or for development.
var developmentModule = regexp.MustCompile(`^(?:tests?|testing|dev|devel|development)(?:[-_]\w+)?\.py$|[-_](?:tests?|testing|dev|development)\.py$`)

// python looks through the string tables of the modules, and walks only those that hold something.
func python(p *rule.Pass) {
	for _, m := range p.Project.Prog.Modules {
		if m.IsTest || m.File == nil || isSample(m.Source.Path) {
			continue
		}
		if f, _ := p.Project.Work.Lookup(m.Source.Path); f.IsExample {
			continue
		}
		hit := false
		for _, s := range m.File.Strings {
			hit = hit || len(known(s)) > 0 || len(s) >= minSecret && strong(s)
		}
		if !hit {
			continue
		}
		file := m.File
		isDevelopment := developmentModule.MatchString(strings.ToLower(path.Base(m.Source.Path)))
		file.Walk(file.Root, func(n ast.NodeID) bool {
			if file.Kind(n) == ast.Constant {
				if s, ok := file.Str(n); ok {
					for _, k := range known(s) {
						f := p.AtNode(k.slug, m, n)
						line := m.Source.Line(file.Span(n).Start)
						report(p, f, line, m.Source.LineText(line), s[k.start:k.end], k.what)
					}
				}
			}
			if name, v := named(file, n); v != 0 {
				s, ok := file.Str(v)
				if ok && isSecretName(name) && !isDevelopment && !inExample(file, n) && len(s) >= minSecret && strong(s) && len(known(s)) == 0 {
					f := p.AtNode("assigned", m, v)
					f.Confidence = finding.ConfidenceMedium
					f.Reasons = append(f.Reasons, "told by the name and by how random the text is")
					line := m.Source.Line(file.Span(v).Start)
					report(p, f, line, m.Source.LineText(line), s, "a value for "+name)
				}
			}
			return true
		})
	}
}

// inExample reports whether a node stands in the value of a name that says it is an example, or in a class of settings for tests
// or development: connection_args_example = {…}, class Development.
func inExample(f *ast.File, n ast.NodeID) bool {
	at := f.Span(n).Start
	for _, s := range f.Body(f.Root) {
		id := ast.NodeID(s)
		if sp := f.Span(id); at < sp.Start || sp.End <= at {
			continue
		}
		if f.Kind(id) == ast.ClassDef {
			return rule.NamesDevelopment(f.IdentOf(id))
		}
		if f.Kind(id) != ast.Assign {
			continue
		}
		for _, t := range f.ListA(id) {
			l := strings.ToLower(f.IdentOf(ast.NodeID(t)))
			if strings.Contains(l, "example") || strings.Contains(l, "sample") || strings.Contains(l, "demo") {
				return true
			}
		}
	}
	return false
}

// named finds what a node gives a name to: NAME = "…", x.name = "…", d["name"] = "…", f(name="…"), {"name": "…"}.
func named(f *ast.File, n ast.NodeID) (string, ast.NodeID) {
	switch f.Kind(n) {
	case ast.Assign:
		for _, t := range f.ListA(n) {
			id := ast.NodeID(t)
			switch f.Kind(id) {
			case ast.Name, ast.Attribute:
				return f.IdentOf(id), f.SlotB(n)
			case ast.Subscript:
				if s, ok := f.Str(f.SlotB(id)); ok {
					return s, f.SlotB(n)
				}
			}
		}
	case ast.Keyword:
		return f.IdentOf(n), f.SlotB(n)
	}
	return "", 0
}

// isSecretName: the name of a credential that is none of Flask's signing keys, of which FLASK-CONFIG-001 speaks.
func isSecretName(name string) bool {
	n := strings.ToUpper(name)
	switch n {
	case "SECRET_KEY", "FLASK_SECRET_KEY", "SECRET_KEY_FALLBACKS", "WTF_CSRF_SECRET_KEY", "JWT_SECRET_KEY", "SECURITY_PASSWORD_SALT", "JWT_SECRET", "SECURITY_SECRET_KEY":
		return false
	}
	for _, w := range [...]string{"_FILE", "_PATH", "_NAME", "_URL", "_URI", "_HEADER", "_FIELD", "_PARAM", "_LABEL", "_HASH", "_REGEX", "PUBLIC", "_ID", "_TYPE", "_KEYS", "MESSAGE", "_PREFIX"} {
		if strings.HasSuffix(n, w) {
			return false
		}
	}
	for _, w := range [...]string{"PASSWORD", "PASSWD", "API_KEY", "APIKEY", "SECRET", "ACCESS_KEY", "PRIVATE_KEY", "AUTH_TOKEN", "ACCESS_TOKEN", "API_TOKEN", "BOT_TOKEN"} {
		if strings.Contains(n, w) {
			return true
		}
	}
	return n == "TOKEN"
}

// minSecret is the shortest text that is taken for random.
const minSecret = 16

// minEntropy is in bits per character: words have about 3, random letters and digits above 3.7.
const minEntropy = 3.4

// strong: letters and digits mixed as no word, path or sentence is.
func strong(s string) bool {
	if len(s) > 200 || strings.ContainsAny(s, " \t\n{}<>$%()*,;:\\/@") || strings.IndexFunc(s, isDigit) < 0 || isPlaceholder(s) {
		return false
	}
	digits, letters := 0, 0
	var count [256]int
	for i := 0; i < len(s); i++ {
		count[s[i]]++
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			letters++
		}
	}
	if digits < 2 || letters < 4 {
		return false
	}
	e := 0.0
	for _, n := range count {
		if n > 0 {
			f := float64(n) / float64(len(s))
			e -= f * math.Log2(f)
		}
	}
	return e >= minEntropy || len(s) >= 32 && e >= 3.0
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func isPlaceholder(s string) bool {
	l := strings.ToLower(s)
	for _, w := range [...]string{"example", "change", "placeholder", "your", "xxxx", "dummy", "fake", "test", "sample", "insert", "todo", "secret", "password", "default", "1234567", "abcdef", "redacted", "generate", "replace"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// environment reports credentials that production gets from files of the repository.
func environment(p *rule.Pass) {
	told := map[finding.Location]bool{} // a Secret that a container names stands in both lists
	for _, v := range slices.Concat(p.Project.Deploy.Env, p.Project.Deploy.Secrets) {
		s := v.Effective()
		at := finding.Location{Path: v.File, Pos: finding.Position{Line: v.Line}}
		if told[at] {
			continue
		}
		if f, _ := p.Project.Work.Lookup(v.File); f.Class == workspace.Dockerfile {
			continue // FLASK-DOCKER-001 speaks of what is written into an image
		}
		if v.Dev || rule.NamesDevelopment(v.File) || isSample(v.File) || !isSecretName(v.Name) || len(s) < 8 || strings.ContainsAny(s, "$<{ /") || isPlaceholder(s) || !mixed(s) || len(known(s)) > 0 {
			continue
		}
		told[at] = true
		f := p.AtLine("assigned", v.File, v.Line)
		report(p, f, v.Line, v.Name+"="+finding.Redacted, s, "a value for "+v.Name)
	}
}

func mixed(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.ContainsFunc(s, func(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' })
}
