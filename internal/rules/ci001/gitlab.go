package ci001

import (
	"fmt"
	"regexp"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/gitlabci"
	"stopper/internal/deploy/shell"
	"stopper/internal/finding"
)

// strangersVariables hold texts that whoever proposes a change chooses. The names of branches have no blanks, but may have
// everything else that a shell minds; the forms that end in _SLUG have letters, digits and dashes.
var strangersVariables = map[string]bool{
	"CI_COMMIT_TITLE": true, "CI_COMMIT_MESSAGE": true, "CI_COMMIT_DESCRIPTION": true, "CI_COMMIT_AUTHOR": true,
	"CI_COMMIT_REF_NAME": true, "CI_COMMIT_BRANCH": true, "GITLAB_USER_NAME": true,
	"CI_MERGE_REQUEST_TITLE": true, "CI_MERGE_REQUEST_DESCRIPTION": true, "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": true,
	"CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME": true,
}

// gitlab judges one file of a GitLab pipeline. Its shell expands variables as data; only code made of them is a hole.
func (j *judge) gitlab(g *gitlabci.Pipeline) {
	for _, inc := range g.Includes {
		j.included(g.Path, inc)
	}
	lines := j.linesOf(g.Path)
	for _, job := range append([]gitlabci.Job{g.Global}, g.Jobs...) {
		j.plain(g.Path, job.Variables)
		j.trace(g.Path, job.Variables)
		j.daemon(g, job)
		for _, image := range append([]deploy.Value{job.Image}, job.Services...) {
			j.image(g.Path, image)
		}
		// The commands of a job run in one shell, yet each is read by itself: a mistake in one does not hide the others.
		for _, line := range job.Script {
			for _, v := range shell.Reparsed(line.Text, func(name string) bool { return j.strangers(g, job, name) }) {
				f := j.AtLine("script-injection", g.Path, lineOf(lines, v.Text, line.Line))
				f.Message = fmt.Sprintf("%s gives $%s to a second interpreter as code: whoever proposes a change writes that text", where(job), v.Text)
				f.Severity = finding.Medium
				j.Report(f)
			}
		}
	}
}

func where(job gitlabci.Job) string {
	if job.Name == "" {
		return "every job"
	}
	return "the job " + job.Name
}

// strangers: one of the variables above, or a variable of the pipeline that only repeats one.
func (j *judge) strangers(g *gitlabci.Pipeline, job gitlabci.Job, name string) bool {
	if strangersVariables[name] {
		return true
	}
	for _, list := range [][]deploy.Var{job.Variables, g.Global.Variables} {
		for _, v := range list {
			if v.Name == name {
				return repeats(v.Value)
			}
		}
	}
	return false
}

// named finds the variables in a value.
var named = regexp.MustCompile(`\$\{?(\w+)`)

func repeats(value string) bool {
	if len(value) > maxRun {
		return false
	}
	for _, m := range named.FindAllStringSubmatch(value, maxRelated) {
		if strangersVariables[m[1]] {
			return true
		}
	}
	return false
}

// byCommit: an address that names one commit.
var byCommit = regexp.MustCompile(`\b[0-9a-f]{40}\b`)

// included: jobs that come from elsewhere, and run with the variables of this project.
func (j *judge) included(file string, inc gitlabci.Include) {
	part := deploy.Value{Text: inc.Target, Line: inc.Line}
	switch inc.Kind {
	case gitlabci.Remote:
		if inc.Integrity != "" || byCommit.MatchString(inc.Target) {
			return
		}
		f := j.unpinned(file, part, "is included as it is on the day of the run, and its jobs get the variables of this project")
		if strings.HasPrefix(inc.Target, "http://") {
			f.Severity = finding.Medium
			f.Reasons = append(f.Reasons, "it comes over plain HTTP: whoever is on the way can replace it")
		}
	case gitlabci.Component:
		name, version, _ := strings.Cut(inc.Target, "@")
		if strings.Contains(name, "$CI_PROJECT_") || strings.Contains(name, "${CI_PROJECT_") || version != "~latest" && version != "main" && version != "master" {
			return
		}
		j.unpinned(file, part, "is whatever its owner published last, and its jobs get the variables of this project")
	}
}

// trace: the log shows all variables, masked ones apart.
func (j *judge) trace(file string, list []deploy.Var) {
	for _, v := range list {
		if (v.Name == "CI_DEBUG_TRACE" || v.Name == "CI_DEBUG_SERVICES") && (strings.EqualFold(v.Value, "true") || v.Value == "1") {
			f := j.AtLine("debug-trace", file, v.Line)
			f.Message = v.Name + " writes every variable and secret of the job into its log"
			j.Report(f)
		}
	}
}

// daemon: Docker inside of Docker, with its port open to whatever runs beside it.
func (j *judge) daemon(g *gitlabci.Pipeline, job gitlabci.Job) {
	inside := false
	for _, s := range append(job.Services, g.Global.Services...) {
		inside = inside || strings.Contains(s.Text, "docker:") && strings.Contains(s.Text, "dind")
	}
	if !inside {
		return
	}
	for _, v := range job.Variables {
		if v.Name == "DOCKER_TLS_CERTDIR" && v.Value == "" {
			f := j.AtLine("open-daemon", g.Path, v.Line)
			f.Confidence = finding.ConfidenceLow
			j.Report(f)
		}
	}
}
