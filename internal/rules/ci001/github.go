package ci001

import (
	"fmt"
	"regexp"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/actions"
	"stopper/internal/deploy/shell"
	"stopper/internal/finding"
	"stopper/internal/rule"
)

// chosen are the expressions whose text somebody outside the team chooses.
var chosen = regexp.MustCompile(`\$\{\{[^}]*github\.(?:event\.(?:issue|pull_request|comment|review|review_comment|discussion)\.(?:title|body|head\.ref|head\.label|head\.repo\.default_branch|user\.email)|event\.(?:comment|review|review_comment)\.body|event\.(?:head_commit|commits\[?[^}]*)\.(?:message|author\.(?:name|email))|head_ref|event\.pages[^}]*page_name)[^}]*\}\}`)

// maxRun bounds the text that the pattern looks at.
const maxRun = 50_000

// workflow judges one workflow of GitHub; byAction holds the findings about actions that several workflows use.
func (j *judge) workflow(w *actions.Workflow) {
	p := j.Pass
	lines := j.linesOf(w.Path)
	var taken *finding.Finding
	for _, job := range w.Jobs {
		steps(p, w, job, lines)
		for _, s := range job.Steps {
			taken = checkout(p, w, job, s, taken)
		}
	}
	p.Report(taken)
	rights(p, w)
	j.actions(w)
	j.plain(w.Path, w.Env)
	for _, job := range w.Jobs {
		j.plain(w.Path, job.Env)
		for _, s := range job.Steps {
			j.plain(w.Path, s.Env)
			j.plain(w.Path, s.With)
		}
	}
}

func steps(p *rule.Pass, w *actions.Workflow, j actions.Job, lines []string) {
	for _, s := range j.Steps {
		reparsed(p, w, j, s, lines)
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
				f.Severity = weight(w)
				p.Report(f)
			}
		}
	}
}

// weight: a pull request of a stranger runs without secrets, other events of theirs run with them.
func weight(w *actions.Workflow) finding.Severity {
	for _, trigger := range [...]string{"pull_request_target", "issues", "issue_comment", "workflow_run", "discussion"} {
		if w.Has(trigger) {
			return finding.High
		}
	}
	return finding.Medium
}

// expression is a part of a script that GitHub fills in before a shell reads it.
var expression = regexp.MustCompile(`\$\{\{[^}]*\}\}`)

// reparsed: the text comes as an environment variable, as it should, and is then given to a second interpreter as code.
func reparsed(p *rule.Pass, w *actions.Workflow, j actions.Job, s actions.Step, lines []string) {
	if s.Run.Text == "" || len(s.Run.Text) > maxRun {
		return
	}
	asked := func(name string) bool {
		if name == "GITHUB_HEAD_REF" {
			return true
		}
		for _, list := range [][]deploy.Var{s.Env, j.Env, w.Env} {
			for _, v := range list {
				if v.Name == name {
					return len(v.Value) < maxRun && chosen.MatchString(v.Value)
				}
			}
		}
		return false
	}
	for _, v := range shell.Reparsed(expression.ReplaceAllString(s.Run.Text, "expression"), asked) {
		f := p.AtLine("script-injection", w.Path, lineOf(lines, v.Text, s.Run.Line))
		f.Message = fmt.Sprintf("the job %s gives $%s to a second interpreter as code: whoever writes that text writes the code", j.Name, v.Text)
		f.Severity = weight(w)
		p.Report(f)
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
func (j *judge) actions(w *actions.Workflow) {
	for _, job := range w.Jobs {
		for _, s := range job.Steps {
			name, ref, ok := strings.Cut(s.Uses.Text, "@")
			owner, _, _ := strings.Cut(name, "/")
			if !ok || commit.MatchString(ref) || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "docker://") || owner == "actions" || owner == "github" || !secretsBeside(w, job, s) {
				continue
			}
			j.unpinned(w.Path, s.Uses, "gets secrets and is named by a tag that its owner can move")
		}
	}
}

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
