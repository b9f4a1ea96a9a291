package ci001

import (
	"fmt"
	"regexp"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/circleci"
	"stopper/internal/finding"
)

// filled are the values of a pipeline whose text somebody else chooses. CircleCI writes them into a command before a shell
// reads it. A branch of a fork is called pull/7 there; other branches are pushed by members.
var filled = regexp.MustCompile(`<<\s*pipeline\.(git\.(?:branch|tag)|git\.commit\.(?:subject|body|author\w*)|trigger_parameters\.\w+\.(?:commit_title|commit_message|commit_author_name|body)|event\.[\w.]*(?:title|body|head\.ref|label|message))\s*>>`)

// circle judges one configuration of CircleCI.
func (j *judge) circle(c *circleci.Config) {
	j.plain(c.Path, c.Env)
	for _, orb := range c.Orbs {
		owner, _, _ := strings.Cut(orb.Ref, "/")
		_, version, _ := strings.Cut(orb.Ref, "@")
		if owner != "circleci" && (version == "volatile" || strings.HasPrefix(version, "dev:") || strings.Count(version, ".") < 2) && !strings.Contains(orb.Ref, "<<") {
			j.unpinned(c.Path, deploy.Value{Text: orb.Ref, Line: orb.Line}, "gets the variables of the project, in whatever version its owner published last")
		}
	}
	for _, image := range c.Images {
		j.image(c.Path, image, "cimg", "circleci")
	}
	lines := j.linesOf(c.Path)
	for _, r := range c.Runs {
		if len(r.Command.Text) > maxRun {
			continue
		}
		m := filled.FindStringSubmatch(r.Command.Text)
		if m == nil {
			continue
		}
		f := j.AtLine("script-injection", c.Path, lineOf(lines, m[0], r.Command.Line))
		f.Message = fmt.Sprintf("%s pastes %s into a command: whoever writes that text writes the command", r.Job, m[0])
		f.Severity = finding.Medium
		if m[1] == "git.branch" || m[1] == "git.tag" {
			f.Confidence = finding.ConfidenceLow
			f.Reasons = append(f.Reasons, "branches and tags are pushed by members, who can usually change the pipeline as well")
		}
		j.Report(f)
	}
}
