// Package ci001 judges the pipeline that builds and deploys the application.
package ci001

import (
	_ "embed"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/finding"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-CI-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// judge is the state of one run.
type judge struct {
	*rule.Pass
	parts map[string]*finding.Finding // by a named part, or a secret: one finding speaks of all places that have it
}

// Run judges each file of a pipeline by itself.
func (Rule) Run(p *rule.Pass) {
	j := &judge{Pass: p, parts: map[string]*finding.Finding{}}
	pipes := &p.Project.Deploy.Pipes
	for _, w := range pipes.GitHub {
		j.workflow(w)
	}
	for _, g := range pipes.GitLab {
		j.gitlab(g)
	}
	for _, c := range pipes.Circle {
		j.circle(c)
	}
}

// maxRelated bounds how many further uses are listed.
const maxRelated = 8

// unpinned reports a part of somebody else, named in a way that lets it change.
func (j *judge) unpinned(file string, part deploy.Value, why string) *finding.Finding {
	if f := j.parts[part.Text]; f != nil {
		if len(f.Related) < maxRelated {
			f.Related = append(f.Related, rule.LinePlace(file, part.Line, "uses it as well"))
		}
		return f
	}
	f := j.AtLine("unpinned-action", file, part.Line)
	j.parts[part.Text] = f
	f.Message = part.Text + " " + why
	j.Report(f)
	return f
}

// image reports an image of a third party without a version. Those of Docker itself and of the service are left out, and so
// is what a variable names: a registry of one's own.
func (j *judge) image(file string, image deploy.Value, ours ...string) {
	s := image.Text
	owner, rest, ok := strings.Cut(s, "/")
	if !ok || strings.ContainsAny(s, "$@<") || owner == "library" || strings.Contains(rest, "/") && !strings.HasPrefix(s, "docker.io/") {
		return
	}
	for _, o := range ours {
		if owner == o {
			return
		}
	}
	if tag := s[strings.LastIndexByte(s, '/'):]; strings.Contains(tag, ":") && !strings.HasSuffix(tag, ":latest") {
		return
	}
	f := j.unpinned(file, image, "runs beside the variables of the pipeline, in whatever version its owner pushed last")
	f.Confidence = finding.ConfidenceLow
}

// linesOf is the text of a file by lines, to find the line of a part of a script.
func (j *judge) linesOf(file string) []string {
	text, err := j.Project.Work.Read(file)
	if err != nil {
		return nil
	}
	return strings.Split(string(text), "\n")
}
