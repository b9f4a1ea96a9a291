package deployment

import (
	"path"
	"strings"

	"stopper/internal/deploy/actions"
	"stopper/internal/deploy/circleci"
	"stopper/internal/deploy/gitlabci"
	"stopper/internal/workspace"
)

// Pipes are the pipelines that build, test and deploy, without those of examples.
type Pipes struct {
	GitHub []*actions.Workflow
	GitLab []*gitlabci.Pipeline
	Circle []*circleci.Config
}

// maxIncluded bounds the files that pipelines of GitLab include.
const maxIncluded = 200

func (f *folder) pipes() {
	var more []string
	seen := map[string]bool{}
	for _, file := range f.ws.OfClass(workspace.CI) {
		if file.IsExample {
			continue
		}
		dir, base := path.Split(file.Path)
		switch {
		case strings.HasSuffix(dir, ".github/workflows/"):
			if text, ok := f.text(file.Path); ok {
				w, problems := actions.Parse(file.Path, text)
				f.problems(file.Path, problems)
				if w != nil {
					f.d.Pipes.GitHub = append(f.d.Pipes.GitHub, w)
				}
			}
		case strings.HasSuffix(dir, ".circleci/"):
			if text, ok := f.text(file.Path); ok {
				c, problems := circleci.Parse(file.Path, text)
				f.problems(file.Path, problems)
				if c != nil {
					f.d.Pipes.Circle = append(f.d.Pipes.Circle, c)
				}
			}
		case strings.HasPrefix(base, ".gitlab-ci.y"), strings.HasPrefix(dir, ".gitlab/"), strings.Contains(dir, "/.gitlab/"):
			seen[file.Path] = true
			more = append(more, f.gitlab(file.Path)...)
		}
	}
	for i := 0; i < len(more) && i < maxIncluded; i++ {
		if p := more[i]; !seen[p] {
			seen[p] = true
			more = append(more, f.gitlab(p)...)
		}
	}
}

// gitlab reads one file of a GitLab pipeline and returns the files of the tree that it includes. Their paths begin at the
// top of the repository.
func (f *folder) gitlab(p string) []string {
	if _, ok := f.ws.Lookup(p); !ok {
		return nil
	}
	text, ok := f.text(p)
	if !ok {
		return nil
	}
	pipeline, problems := gitlabci.Parse(p, text)
	f.problems(p, problems)
	if pipeline == nil {
		return nil
	}
	f.d.Pipes.GitLab = append(f.d.Pipes.GitLab, pipeline)
	var out []string
	for _, inc := range pipeline.Includes {
		if inc.Kind == gitlabci.Local && !strings.ContainsAny(inc.Target, "*$") {
			out = append(out, strings.TrimPrefix(path.Clean("/"+inc.Target), "/"))
		}
	}
	return out
}
