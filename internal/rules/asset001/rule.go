// Package asset001 judges the scripts and styles that pages load from other hosts.
package asset001

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/rule"
	"stopper/internal/workspace"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-ASSET-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run looks at the tags of all templates, and reports each foreign host once.
func (Rule) Run(p *rule.Pass) {
	r := reporter{pass: p, told: map[[2]string]*finding.Finding{}}
	for _, f := range p.Project.Work.OfClass(workspace.Template) {
		if f.IsTest || f.IsExample || !isPage(f.Path) {
			continue
		}
		text, err := p.Project.Work.Read(f.Path)
		if err != nil {
			continue // coverage lists what could not be read
		}
		if !bytes.Contains(text, []byte("//")) || !loads(text) {
			continue // no address of another host, or nothing that is loaded
		}
		for _, a := range assets(string(text)) {
			r.judge(f.Path, a)
		}
	}
	for _, f := range r.order {
		p.Report(f)
	}
}

// isPage leaves out mails and what is no HTML: no browser runs their scripts.
func isPage(name string) bool {
	l := strings.ToLower(name)
	return !strings.Contains(l, "mail") && (strings.Contains(path.Base(l), ".htm") || strings.HasSuffix(l, ".j2") || strings.HasSuffix(l, ".jinja") || strings.HasSuffix(l, ".jinja2"))
}

// asset is a script or style that a page loads.
type asset struct {
	url      string
	line     int
	isScript bool
	hasHash  bool
}

var (
	comment   = regexp.MustCompile(`(?s)<!--.*?-->|\{#.*?#\}`)
	tag       = regexp.MustCompile(`(?is)<(script|link)\b([^>]{1,1000})>`)
	attribute = regexp.MustCompile(`(?is)([a-z][a-z0-9:_-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)`)
)

// maxTags bounds the tags of one file.
const maxTags = 500

// loads reports whether a page has a tag that may load something.
func loads(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '<')
		if i < 0 {
			return false
		}
		text = text[i+1:]
		for _, name := range [...]string{"script", "link"} {
			if len(text) > len(name) && strings.EqualFold(string(text[:len(name)]), name) {
				return true
			}
		}
	}
}

// assets are the tags of a page that load a script or a style from an address that is written out.
func assets(text string) []asset {
	text = comment.ReplaceAllStringFunc(text, blank)
	var out []asset
	line, last := 1, 0
	for _, m := range tag.FindAllStringSubmatchIndex(text, maxTags) {
		line += strings.Count(text[last:m[0]], "\n")
		last = m[0]
		attrs := map[string]string{}
		for _, a := range attribute.FindAllStringSubmatch(text[m[4]:m[5]], -1) {
			attrs[strings.ToLower(a[1])] = strings.Trim(a[2], `"'`)
		}
		a := asset{url: attrs["src"], line: line, isScript: true, hasHash: strings.Contains(strings.ToLower(text[m[4]:m[5]]), "integrity")}
		if strings.EqualFold(text[m[2]:m[3]], "link") {
			if !strings.Contains(strings.ToLower(attrs["rel"]), "stylesheet") {
				continue
			}
			a.url, a.isScript = attrs["href"], false
		}
		if a.url != "" {
			out = append(out, a)
		}
	}
	return out
}

// blank keeps the lines of what is left out.
func blank(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) }

// fixed is an address with a version in it: what lies there stays the same, so that its hash can be written down.
var fixed = regexp.MustCompile(`[@/-]v?\d+\.\d+(\.\d+)?([/.-]|$)|[?&]v(er|ersion)?=\d+\.\d`)

type reporter struct {
	pass  *rule.Pass
	told  map[[2]string]*finding.Finding // by check and host
	order []*finding.Finding
}

func (r *reporter) judge(file string, a asset) {
	u, err := url.Parse(a.url)
	if err != nil || u.Host == "" || strings.ContainsAny(u.Host, "{}%") || isLocal(u.Hostname()) {
		return
	}
	what := "a style"
	if a.isScript {
		what = "a script"
	}
	switch {
	case u.Scheme == "http":
		r.report("plain-http", file, a.line, u.Host, fmt.Sprintf("%s is loaded from %s without encryption: whoever is on the way replaces it", what, u.Host))
	case !a.hasHash && fixed.MatchString(u.RequestURI()):
		r.report("no-integrity", file, a.line, u.Host, fmt.Sprintf("%s of a fixed version is loaded from %s, and nothing checks that it is that version", what, u.Host))
	}
}

func isLocal(host string) bool {
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1" || host == "0.0.0.0"
}

// maxRelated bounds the further places that a finding names.
const maxRelated = 10

func (r *reporter) report(slug, file string, line int, host, message string) {
	k := [2]string{slug, host}
	if f := r.told[k]; f != nil {
		if len(f.Related) < maxRelated {
			f.Related = append(f.Related, rule.LinePlace(file, line, "loads from there too"))
		}
		return
	}
	f := r.pass.AtLine(slug, file, line)
	f.Message = message
	r.told[k] = f
	r.order = append(r.order, f)
}
