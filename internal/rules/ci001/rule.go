// Package ci001 judges the pipeline that builds and deploys the application.
package ci001

import (
	_ "embed"
	"fmt"
	"path"
	"regexp"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/actions"
	"stopper/internal/finding"
	"stopper/internal/rule"
	"stopper/internal/workspace"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-CI-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges each workflow by itself.
func (Rule) Run(p *rule.Pass) {
	byAction := map[string]*finding.Finding{}
	for _, f := range p.Project.Work.OfClass(workspace.CI) {
		if !strings.HasSuffix(path.Dir(f.Path), ".github/workflows") || f.IsExample {
			continue
		}
		text, err := p.Project.Work.Read(f.Path)
		if err != nil {
			continue // coverage lists what could not be read
		}
		w, _ := actions.Parse(f.Path, text)
		if w == nil {
			continue
		}
		lines := strings.Split(string(text), "\n")
		var taken *finding.Finding
		for _, j := range w.Jobs {
			steps(p, w, j, lines)
			for _, s := range j.Steps {
				taken = checkout(p, w, j, s, taken)
			}
		}
		p.Report(taken)
		rights(p, w)
		unpinned(p, w, byAction)
		plain(p, w)
	}
}

// chosen are the expressions whose text somebody outside the team chooses.
var chosen = regexp.MustCompile(`\$\{\{[^}]*github\.(?:event\.(?:issue|pull_request|comment|review|review_comment|discussion)\.(?:title|body|head\.ref|head\.label|head\.repo\.default_branch|user\.email)|event\.(?:comment|review|review_comment)\.body|event\.(?:head_commit|commits\[?[^}]*)\.(?:message|author\.(?:name|email))|head_ref|event\.pages[^}]*page_name)[^}]*\}\}`)

// maxRun bounds the text that the pattern looks at.
const maxRun = 50_000

func steps(p *rule.Pass, w *actions.Workflow, j actions.Job, lines []string) {
	for _, s := range j.Steps {
		script := s.Run.Text
		if strings.HasPrefix(s.Uses.Text, "actions/github-script@") {
			for _, v := range s.With {
				if v.Name == "script" {
					script = v.Value
				}
			}
		}
		if len(script) < maxRun {
			if m := chosen.FindString(script); m != "" {
				f := p.AtLine("script-injection", w.Path, lineOf(lines, m, max(s.Run.Line, s.Uses.Line)))
				f.Message = fmt.Sprintf("the job %s pastes %s into a script: whoever writes that text writes the script", j.Name, m)
				if !w.Has("pull_request_target") && !w.Has("issues") && !w.Has("issue_comment") && !w.Has("workflow_run") && !w.Has("discussion") {
					f.Severity = finding.Medium // a pull request of a stranger runs without secrets
				}
				p.Report(f)
			}
		}
	}
}

// lineOf finds the line of a text at or below a line; the line itself when it is not found.
func lineOf(lines []string, text string, from int) int {
	for i := max(0, from-1); i < len(lines); i++ {
		if strings.Contains(lines[i], text) {
			return i + 1
		}
	}
	return from
}

// checkout: with secrets at hand, the workflow fetches the code of a stranger's pull request. One finding speaks of all jobs.
func checkout(p *rule.Pass, w *actions.Workflow, j actions.Job, s actions.Step, taken *finding.Finding) *finding.Finding {
	if !w.Has("pull_request_target") && !w.Has("workflow_run") || !strings.HasPrefix(s.Uses.Text, "actions/checkout@") || ownOnly(j.If) {
		return taken
	}
	for _, v := range s.With {
		if v.Name != "ref" || !strangersCode(v.Value) {
			continue
		}
		if taken != nil {
			taken.Related = append(taken.Related, rule.LinePlace(w.Path, v.Line, "the job "+j.Name+" as well"))
			continue
		}
		taken = p.AtLine("untrusted-checkout", w.Path, v.Line)
		taken.Message = fmt.Sprintf("the job %s has the repository's secrets and checks out the code of a stranger's pull request", j.Name)
		if !w.Has("pull_request_target") {
			taken.Severity, taken.Confidence = finding.Medium, finding.ConfidenceMedium
			taken.Reasons = append(taken.Reasons, "it is a stranger's only when the workflow that this one follows runs for pull requests; a filter by branch does not keep forks out")
		}
	}
	return taken
}

// strangersCode: the commit that a pull request brings.
func strangersCode(ref string) bool {
	for _, w := range [...]string{"head.sha", "head.ref", "head_ref", "refs/pull", "head_sha", "head_branch"} {
		if strings.Contains(ref, w) {
			return true
		}
	}
	return false
}

// ownOnly: the job runs only for pushes, or for commits of the repository itself.
func ownOnly(condition string) bool {
	return strings.Contains(condition, "workflow_run.event == 'push'") || strings.Contains(condition, "head_repository.full_name == github.repository") ||
		strings.Contains(condition, "head.repo.full_name == github.repository")
}

// rights: the token of the workflow may write what nobody needs it to.
func rights(p *rule.Pass, w *actions.Workflow) {
	if w.Permissions != nil && w.Permissions.All == "write-all" {
		f := p.AtLine("permissions", w.Path, w.Permissions.Line)
		f.Message = "every job of the workflow may write everything in the repository"
		p.Report(f)
	}
	for _, j := range w.Jobs {
		if j.Permissions != nil && j.Permissions.All == "write-all" {
			f := p.AtLine("permissions", w.Path, j.Permissions.Line)
			f.Message = fmt.Sprintf("the job %s may write everything in the repository", j.Name)
			p.Report(f)
		}
	}
}

var commit = regexp.MustCompile(`^[0-9a-f]{40}$`)

// unpinned: an action of a third party, named by a tag that its owner can move, beside secrets.
// One finding speaks of all places that use it.
func unpinned(p *rule.Pass, w *actions.Workflow, byAction map[string]*finding.Finding) {
	for _, j := range w.Jobs {
		for _, s := range j.Steps {
			name, ref, ok := strings.Cut(s.Uses.Text, "@")
			owner, _, _ := strings.Cut(name, "/")
			if !ok || commit.MatchString(ref) || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "docker://") || owner == "actions" || owner == "github" || !secretsBeside(w, j, s) {
				continue
			}
			if f := byAction[s.Uses.Text]; f != nil {
				if len(f.Related) < maxRelated {
					f.Related = append(f.Related, rule.LinePlace(w.Path, s.Uses.Line, "uses it as well"))
				}
				continue
			}
			f := p.AtLine("unpinned-action", w.Path, s.Uses.Line)
			byAction[s.Uses.Text] = f
			f.Message = fmt.Sprintf("%s gets secrets and is named by a tag that its owner can move", s.Uses.Text)
			p.Report(f)
		}
	}
}

// maxRelated bounds how many further uses are listed.
const maxRelated = 8

// secretsBeside: the step itself, or the environment of its job or workflow, is given a secret.
func secretsBeside(w *actions.Workflow, j actions.Job, s actions.Step) bool {
	for _, list := range [][]deploy.Var{s.With, s.Env, j.Env, w.Env} {
		for _, v := range list {
			if strings.Contains(v.Value, "secrets.") && !strings.Contains(v.Value, "secrets.GITHUB_TOKEN") {
				return true
			}
		}
	}
	return false
}

// plain: a secret that stands in the workflow itself.
func plain(p *rule.Pass, w *actions.Workflow) {
	check := func(list []deploy.Var) {
		for _, v := range list {
			if !isSecretName(v.Name) || len(v.Value) < 12 || strings.Contains(v.Value, "${{") || isPlaceholder(v.Value) || !mixed(v.Value) {
				continue
			}
			f := p.AtLine("plain-secret", w.Path, v.Line)
			f.Secret = true
			f.Message = v.Name + " has its value in the workflow, for everybody who reads the repository"
			p.Report(f)
		}
	}
	check(w.Env)
	for _, j := range w.Jobs {
		check(j.Env)
		for _, s := range j.Steps {
			check(s.Env)
			check(s.With)
		}
	}
}

func isSecretName(name string) bool {
	n := strings.ToLower(name)
	for _, w := range [...]string{"secret", "password", "token", "api_key", "api-key", "access_key", "private_key"} {
		if strings.Contains(n, w) {
			return true
		}
	}
	return false
}

func isPlaceholder(s string) bool {
	l := strings.ToLower(s)
	for _, w := range [...]string{"test", "example", "dummy", "change", "fake", "secret", "password", "placeholder", "postgres", "not-", "ci-", "super"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// mixed: letters and digits together, without spaces: words are no secrets.
func mixed(s string) bool {
	return strings.ContainsAny(s, "0123456789") && !strings.ContainsAny(s, " /$") && strings.ContainsFunc(s, func(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' })
}
