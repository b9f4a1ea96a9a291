// Package supply001 judges the versions of what the application is built on.
package supply001

import (
	_ "embed"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/deps"
	"stopper/internal/finding"
	"stopper/internal/rule"
	"stopper/internal/visibility"
	"stopper/internal/workspace"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-SUPPLY-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run compares the locked versions with the advisories, then looks at how versions are chosen and kept fresh.
func (Rule) Run(p *rule.Pass) {
	advisories(p)
	unpinned(p)
	endOfLife(p)
	updates(p)
}

// advisories reports each locked package that a published flaw concerns, once.
func advisories(p *rule.Pass) {
	data := p.Project.Advisories
	byPackage := map[string][]*deps.Advisory{}
	var names []string
	for i := range data.Advisories {
		a := &data.Advisories[i]
		if byPackage[a.Package] == nil {
			names = append(names, a.Package)
		}
		byPackage[a.Package] = append(byPackage[a.Package], a)
	}
	for _, name := range names {
		d, ok := p.Project.Deps.Locked(name)
		if !ok || d.Direct {
			continue
		}
		var hits, devices []*deps.Advisory
		for _, a := range byPackage[name] {
			if _, affected := a.Affects(d.Version); !affected {
				continue
			}
			if a.NeedsWindows() {
				devices = append(devices, a)
				continue
			}
			hits = append(hits, a)
		}
		outdated(p, d, hits)
		if len(devices) > 0 && runsOnWindows(p) {
			windows(p, d, devices)
		}
	}
}

func outdated(p *rule.Pass, d deps.Dep, hits []*deps.Advisory) {
	if len(hits) == 0 {
		return
	}
	weight := map[*deps.Advisory]int{}
	worst, used := 0, false
	for _, a := range hits {
		weight[a] = grade(a)
		if applies(p, a) {
			used = true
			worst = max(worst, grade(a))
			weight[a] += len(deps.Grades)
		}
	}
	slices.SortStableFunc(hits, func(a, b *deps.Advisory) int { return weight[b] - weight[a] })
	f := p.AtLine("advisory", d.File, d.Line)
	f.Sink = d.Name
	f.Message = fmt.Sprintf("%s %s: %s", d.Name, d.Version, list(hits))
	if fix := newest(hits, d.Version); fix != "" {
		f.Fix = fmt.Sprintf("Upgrade %s from %s to %s or later. %s", d.Name, d.Version, fix, f.Fix)
	}
	switch {
	case !used:
		f.Severity = finding.Low
		f.Confidence = finding.ConfidenceLow
		f.Reasons = append(f.Reasons, "nothing that was read shows that the application uses the part that is concerned")
	case worst >= 2:
		f.Severity = finding.Medium
	}
	f.FalsePositiveNotes = known(p.Project.Advisories) + " " + f.FalsePositiveNotes
	p.Report(f)
}

// known says how far the knowledge of flaws goes.
func known(a *deps.Advisories) string {
	out := "The advisories are those known on " + a.DataAsOf
	if a.Own > 0 {
		out += fmt.Sprintf(", and your %d OSV records", a.Own)
		if a.Newest != "" {
			out += ", the newest of " + a.Newest
		}
	}
	return out + "."
}

// maxListed is how many advisories a message names.
const maxListed = 3

func list(hits []*deps.Advisory) string {
	var parts []string
	for _, a := range hits[:min(len(hits), maxListed)] {
		name := a.ID
		for _, alias := range a.Aliases {
			if strings.HasPrefix(alias, "CVE-") {
				name = alias
			}
		}
		parts = append(parts, name+" ("+strings.TrimSuffix(a.Summary, ".")+")")
	}
	out := strings.Join(parts, "; ")
	if n := len(hits) - maxListed; n > 0 {
		out += fmt.Sprintf("; %d more", n)
	}
	return out
}

// grade orders ratings; a flaw that nobody rated is in the middle.
func grade(a *deps.Advisory) int {
	if a.Severity == "" {
		return 1
	}
	return slices.Index(deps.Grades[:], a.Severity)
}

// newest is the lowest version that mends all.
func newest(hits []*deps.Advisory, version string) string {
	out := ""
	for _, a := range hits {
		fix, _ := a.Affects(version)
		if fix == "" {
			return ""
		}
		if out == "" || deps.Older(out, fix) {
			out = fix
		}
	}
	return out
}

// applies reports whether the program uses what an advisory is about, as far as names show. Without a condition it does.
func applies(p *rule.Pass, a *deps.Advisory) bool {
	uses := a.Uses()
	if len(uses) == 0 {
		return !slices.ContainsFunc(a.AppliesIf, func(c string) bool { return c == "env:local-user" || c == "env:debugger" || c == "role:admin" })
	}
	for _, u := range uses {
		for _, name := range strings.FieldsFunc(u, func(r rune) bool { return r == '|' || r == ' ' }) {
			last := name[strings.LastIndexByte(name, '.')+1:]
			if p.Names(last) {
				return true
			}
		}
	}
	return false
}

// runsOnWindows: files that only a Windows server needs.
func runsOnWindows(p *rule.Pass) bool {
	for _, f := range p.Project.Work.Files {
		if base := strings.ToLower(path.Base(f.Path)); base == "web.config" && !f.IsTest && !f.IsExample {
			return true
		}
	}
	return p.Imports("win32serviceutil", "win32service", "wfastcgi")
}

func windows(p *rule.Pass, d deps.Dep, devices []*deps.Advisory) {
	if len(p.Sites("send_from_directory", "safe_join")) == 0 {
		return
	}
	f := p.AtLine("windows-device", d.File, d.Line)
	f.Message = fmt.Sprintf("%s %s on Windows: %s", d.Name, d.Version, list(devices))
	p.Report(f)
}

// critical are the packages whose version decides over the security of the whole.
var critical = [...]string{"flask", "werkzeug", "jinja2", "itsdangerous"}

// unpinned: the framework comes in whatever version is the newest on the day of the installation.
func unpinned(p *rule.Pass) {
	if p.Project.Deps.HasLock() {
		return
	}
	for _, name := range critical {
		for _, d := range p.Project.Deps.Find(name) {
			if d.Dev || d.Direct || path.Base(d.File) == "setup.cfg" || isLibrary(p, d) {
				continue
			}
			if d.Version == "" {
				f := p.AtLine("unpinned", d.File, d.Line)
				f.Message = fmt.Sprintf("%s is installed in whatever version is current: no lock file, no exact version", d.Name)
				if d.Spec != "" {
					f.Message = fmt.Sprintf("%s is installed in any version that satisfies %s: no lock file, no exact version", d.Name, d.Spec)
				}
				p.Report(f)
			}
			return // the first of them speaks for all
		}
	}
}

// isLibrary: what is published for others to install must not pin.
func isLibrary(p *rule.Pass, d deps.Dep) bool {
	return path.Base(d.File) == "pyproject.toml" && !p.ShowsProduction()
}

// lastDay is when each release of Python stopped getting fixes. https://devguide.python.org/versions/
var lastDay = [...]struct{ version, day string }{
	{"2.7", "2020-01-01"}, {"3.4", "2019-03-18"}, {"3.5", "2020-09-30"}, {"3.6", "2021-12-23"}, {"3.7", "2023-06-27"}, {"3.8", "2024-10-07"}, {"3.9", "2025-10-31"},
}

var (
	pythonImage = regexp.MustCompile(`(?:^|/)python:(\d+(?:\.\d+)?)`)
	bareVersion = regexp.MustCompile(`^(?:python-|==|~=)?\s*(\d+\.\d+)`)
)

func endOfLife(p *rule.Pass) {
	for _, img := range p.Project.Deploy.Images {
		if img.Dev || len(img.Stages) == 0 {
			continue
		}
		st := img.Stages[len(img.Stages)-1]
		if m := pythonImage.FindStringSubmatch(st.Base); m != nil {
			python(p, m[1], img.Path, st.Line)
		}
	}
	for _, f := range p.Project.Work.Files {
		base := path.Base(f.Path)
		if base != "runtime.txt" && base != ".python-version" || f.IsTest || f.IsExample || f.Size > 200 {
			continue
		}
		if text, err := p.Project.Work.Read(f.Path); err == nil {
			if m := bareVersion.FindStringSubmatch(strings.TrimSpace(string(text))); m != nil {
				python(p, m[1], f.Path, 1)
			}
		}
	}
	if d, ok := p.Project.Deps.Locked("flask"); ok && deps.Older(d.Version, "2.0") {
		f := p.AtLine("eol", d.File, d.Line)
		f.Message = fmt.Sprintf("Flask %s gets no security fixes", d.Version)
		p.Report(f)
	}
}

func python(p *rule.Pass, version, file string, line int) {
	for _, l := range lastDay {
		if version == l.version || version == "2" && l.version == "2.7" {
			f := p.AtLine("eol", file, line)
			f.Message = fmt.Sprintf("Python %s has had no security fixes since %s", version, l.day)
			p.Report(f)
		}
	}
}

// updates: nothing in the repository asks for updates, although a service that could is in use.
func updates(p *rule.Pass) {
	hasCI := false
	var partial *finding.Finding
	for _, f := range p.Project.Work.OfClass(workspace.CI) {
		switch base := strings.ToLower(path.Base(f.Path)); {
		case strings.HasPrefix(base, "dependabot."):
			if partial = withoutPython(p, f.Path); partial == nil {
				return
			}
		case strings.HasPrefix(base, "renovate"), strings.HasPrefix(base, ".renovaterc"), base == ".pyup.yml":
			return
		default:
			hasCI = true
		}
	}
	updater := slices.ContainsFunc(p.Project.Deps.Files, func(f *deps.File) bool { return f.Updater })
	if !hasCI || updater || len(p.Project.Deps.Files) == 0 || !p.HasApp() || !p.ShowsProduction() || renovates(p) {
		return
	}
	if partial != nil {
		p.Report(partial)
		return
	}
	f := rule.NotVisible(p.Whole("no-updates"), visibility.PlatformUpdates)
	f.Confidence = finding.ConfidenceLow
	p.Report(f)
}

var ecosystem = regexp.MustCompile(`(?m)^[ \t]*(?:-[ \t]*)?package-ecosystem:\s*["']?([\w-]{1,40})`)

// withoutPython: Dependabot keeps something up to date, and no Python packages; nil when it does, or cannot be read.
func withoutPython(p *rule.Pass, file string) *finding.Finding {
	text, err := p.Project.Work.Read(file)
	if err != nil || len(text) > maxDependabot {
		return nil
	}
	var others []string
	for _, m := range ecosystem.FindAllStringSubmatch(string(text), -1) {
		switch m[1] {
		case "pip", "uv", "conda":
			return nil
		}
		if !slices.Contains(others, m[1]) {
			others = append(others, m[1])
		}
	}
	if len(others) == 0 {
		return nil
	}
	at := ecosystem.FindStringIndex(string(text))
	f := p.AtLine("no-updates", file, 1+strings.Count(string(text[:at[0]]), "\n"))
	f.Confidence = finding.ConfidenceMedium
	f.Message = "Dependabot updates " + strings.Join(others, ", ") + ", and no Python packages"
	return f
}

// maxDependabot bounds a file that is written by hand.
const maxDependabot = 1 << 16

// renovates: a workflow or package.json that runs an updater.
func renovates(p *rule.Pass) bool {
	for _, f := range p.Project.Work.Files {
		base := strings.ToLower(path.Base(f.Path))
		if base != "package.json" && f.Class != workspace.CI || f.Size > 1<<18 {
			continue
		}
		if text, err := p.Project.Work.Read(f.Path); err == nil && strings.Contains(strings.ToLower(string(text)), "renovate") {
			return true
		}
	}
	return false
}
