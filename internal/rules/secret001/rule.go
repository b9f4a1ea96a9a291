// Package secret001 looks for credentials that are written into the files of the repository.
package secret001

import (
	_ "embed"
	"path"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/finding"
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
	told := map[finding.Location]bool{}
	environment(p, told)
	for _, f := range p.Project.Work.Files {
		if f.IsTest || f.IsExample || !isRead(f) || isSample(f.Path) {
			continue
		}
		if text, err := p.Project.Work.Read(f.Path); err == nil {
			lines(p, f.Path, string(text), keys)
			settings(p, f, string(text), told)
		}
	}
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
		case ".pem", ".key", ".ppk", ".p8", ".asc":
			return true
		default:
			return isLoginFile(base) || base == "id_rsa" || base == "id_ed25519"
		}
	}
	return false
}

var isTestName = regexp.MustCompile(`(?:^|[-_.])tests?[-_.]`)

func isSample(file string) bool {
	l := strings.ToLower(path.Base(file))
	if isTestName.MatchString(l) || isTestName.MatchString(strings.ReplaceAll(strings.ToLower(path.Dir(file))+"/", "/", "-")) || strings.Contains("/"+strings.ToLower(path.Dir(file))+"/", "/fixtures/") {
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

// environment reports credentials that production gets from files of the repository. A Secret that a container names stands in both
// lists, and so does what a start script sets.
func environment(p *rule.Pass, told map[finding.Location]bool) {
	for _, v := range slices.Concat(p.Project.Deploy.Env, p.Project.Deploy.Secrets) {
		s := v.Effective()
		at := finding.Location{Path: v.File, Pos: finding.Position{Line: v.Line}}
		if told[at] {
			continue
		}
		if strings.HasPrefix(s, "-----BEGIN ") && strings.Contains(s, "PRIVATE KEY-----") && !v.Dev && !isSample(v.File) {
			told[at] = true
			report(p, p.AtLine("private-key", v.File, v.Line), v.Line, v.Name+": "+finding.Redacted, s, "a private key")
			continue
		}
		if f, _ := p.Project.Work.Lookup(v.File); f.Class == workspace.Dockerfile {
			continue // FLASK-DOCKER-001 speaks of what is written into an image
		}
		if v.Dev || rule.NamesDevelopment(v.File) || isSample(v.File) || !isSecretName(v.Name) || !strong(s) && !deployed(s) || len(known(s)) > 0 {
			continue
		}
		told[at] = true
		f := p.AtLine("assigned", v.File, v.Line)
		report(p, f, v.Line, v.Name+"="+finding.Redacted, s, "a value for "+v.Name)
	}
}

// deployed: what a deployment file gives to a secret's name is a credential unless it refers to one, or is a word.
func deployed(s string) bool {
	return len(s) >= 8 && !strings.ContainsAny(s, "$<{ /") && !isPlaceholder(s) && mixed(s)
}
