package docker001

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"stopper/internal/deploy/dockerfile"
	"stopper/internal/deployment"
	"stopper/internal/rule"
)

// context: "COPY . ." takes whatever lies in the folder, and something secret does. What an earlier stage takes counts as far
// as the last one takes it over.
func context(p *rule.Pass, img deployment.Image) {
	from := 0
	if len(img.Stages) > maxStages {
		from = len(img.Stages) - 1 // no file that a person wrote
	}
	for i := from; i < len(img.Stages); i++ {
		for _, c := range img.Stages[i].Copies {
			if c.From != "" || !slices.Contains(c.Sources, ".") && !slices.Contains(c.Sources, "./") || !arrives(img, i, c) {
				continue
			}
			if name := secretIn(p, img); name != "" {
				r := p.AtLine("context-secret", img.Path, c.Line)
				r.Message = fmt.Sprintf("the whole folder is copied into the image, %s included: no .dockerignore leaves it out", name)
				p.Report(r)
				return
			}
		}
	}
}

// maxStages bounds the stages that are compared with each other.
const maxStages = 50

// arrives reports whether what a stage copies is part of the last one: the last is that stage or built on it, or takes the
// folder over.
func arrives(img deployment.Image, stage int, c dockerfile.Copy) bool {
	at := len(img.Stages) - 1
	for range img.Stages {
		if at == stage {
			return true
		}
		if takes(img, at, stage, c) {
			return true
		}
		next := img.Index(img.Stages[at].Base)
		if next < 0 || next >= at {
			return false
		}
		at = next
	}
	return false
}

// takes: COPY --from of the stage names the folder, or one around it.
func takes(img deployment.Image, at, stage int, c dockerfile.Copy) bool {
	for _, later := range img.Stages[at].Copies {
		if later.From == "" || img.Index(later.From) != stage {
			continue
		}
		dest := inImage(img, stage, c.Dest)
		for _, src := range later.Sources {
			src = inImage(img, stage, src)
			if src == dest || src == "/" || strings.HasPrefix(dest, src+"/") {
				return true
			}
		}
	}
	return false
}

// inImage is a path of a stage, from its root.
func inImage(img deployment.Image, stage int, p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	st := img.Effective(stage)
	return path.Join("/", st.Workdir.Text, p)
}

// secretIn is a file with secrets that the build takes along; "" when there is none.
func secretIn(p *rule.Pass, img deployment.Image) string {
	dir := contextOf(p, img)
	ignore := ignoreFile(p, img, dir)
	for _, f := range p.Project.Work.Files {
		rel, ok := below(dir, f.Path)
		if ok && isSecretFile(f.Path) && !f.IsTest && !f.IsExample && !ignore.leavesOut(rel) {
			return f.Path
		}
	}
	return ""
}

func below(dir, file string) (string, bool) {
	if dir == "." {
		return file, true
	}
	return strings.CutPrefix(file, dir+"/")
}

// contextOf is the folder that an image is built from: what a Compose file says, else the root for a Dockerfile that lies in a
// folder of its own beside others, else the Dockerfile's folder.
func contextOf(p *rule.Pass, img deployment.Image) string {
	for _, s := range p.Project.Deploy.Services {
		if s.Build == nil {
			continue
		}
		dir := path.Join(path.Dir(s.File), s.Build.Context)
		name := s.Build.Dockerfile
		if name == "" {
			name = "Dockerfile"
		}
		if path.Join(dir, name) == img.Path {
			return dir
		}
	}
	return path.Dir(img.Path)
}

// ignoring are the patterns of a .dockerignore, the last that matches decides.
type ignoring []string

// ignoreFile reads the one that belongs to a Dockerfile, else that of the folder.
func ignoreFile(p *rule.Pass, img deployment.Image, dir string) ignoring {
	for _, name := range [...]string{img.Path + ".dockerignore", path.Join(dir, ".dockerignore")} {
		text, err := p.Project.Work.Read(name)
		if err != nil {
			continue
		}
		var out ignoring
		for line := range strings.Lines(string(text)) {
			if s := strings.TrimSpace(line); s != "" && s[0] != '#' && len(out) < maxPatterns {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

const maxPatterns = 1_000

// leavesOut reports whether a file, or a folder that it is in, is left out.
func (g ignoring) leavesOut(file string) bool {
	out := false
	for _, s := range g {
		pattern, again := strings.CutPrefix(s, "!")
		pattern = strings.Trim(path.Clean("/"+pattern), "/")
		if matches(strings.Split(pattern, "/"), strings.Split(file, "/")) {
			out = !again
		}
	}
	return out
}

// matches compares a pattern with a path, or with a folder around it; "**" stands for any folders.
func matches(pattern, file []string) bool {
	// Row by row: at[i] says that the pattern up to here may end before the i-th part. No pattern costs more than its square.
	at := make([]bool, len(file)+1)
	at[0] = true
	for _, p := range pattern {
		next := make([]bool, len(file)+1)
		for i := range at {
			if !at[i] {
				continue
			}
			if p == "**" {
				for k := i; k <= len(file); k++ {
					next[k] = true
				}
			} else if i < len(file) {
				ok, err := path.Match(p, file[i])
				next[i+1] = next[i+1] || err == nil && ok
			}
		}
		at = next
	}
	return slices.Contains(at[1:], true)
}
