package workspace

import (
	"path"
	"slices"
	"strings"
)

// Class says which reader a file is for. It is decided by name and place, never by content, except that a file without an
// extension may show a shebang.
type Class uint8

// The classes. Config is TOML, INI, YAML or JSON that no narrower class names.
const (
	Other Class = iota
	Python
	Template
	Dockerfile
	Compose
	Nginx
	Procfile
	Systemd
	Supervisor
	K8s // a YAML file where manifests usually live: may turn out to be none
	Shell
	Env
	CI
	Requirements
	Lock
	Config
	numClasses
)

// String is the name used in reports.
func (c Class) String() string {
	return [numClasses]string{"other", "python", "template", "dockerfile", "compose", "nginx", "procfile", "systemd", "supervisor",
		"k8s", "shell", "env", "ci", "requirements", "lock", "config"}[min(c, numClasses-1)]
}

// Limit is the size in bytes beyond which a file of the class is listed as skipped. Python's is generous because generated
// modules are real; the others are written by hand, and their readers hold the whole tree in memory.
func (c Class) Limit() int64 {
	switch c {
	case Python:
		return 5 << 20
	case Lock:
		return 20 << 20
	case Template, Requirements:
		return 2 << 20
	}
	return 1 << 20
}

// classify looks at a clean relative path.
func classify(p string) Class {
	dir, base := path.Split(strings.ToLower(p))
	ext := path.Ext(base)
	for _, by := range []func(dir, base, ext string) Class{byExactName, byDeployName, byDependencyName, byPlace, byExtension} {
		if c := by(dir, base, ext); c != Other {
			return c
		}
	}
	return Other
}

func byExactName(dir, base, ext string) Class {
	switch ext {
	case ".py", ".pyw", ".wsgi":
		return Python
	case ".jinja", ".jinja2", ".j2":
		return Template
	case ".sh", ".bash", ".ksh":
		return Shell
	}
	switch base {
	case ".gitlab-ci.yml", ".gitlab-ci.yaml", ".travis.yml", ".pre-commit-config.yaml", ".pre-commit-config.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml",
		"jenkinsfile", ".drone.yml", "appveyor.yml", ".appveyor.yml", "cloudbuild.yaml", "renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json", ".renovaterc.json5",
		"dependabot.yml", "dependabot.yaml", ".pyup.yml":
		return CI
	}
	if inDir(dir, ".github") || inDir(dir, ".circleci") || inDir(dir, ".gitlab") || inDir(dir, ".woodpecker") {
		if isYAML(ext) {
			return CI
		}
	}
	return Other
}

func byDeployName(dir, base, ext string) Class {
	switch {
	case base == "dockerfile", base == "containerfile", ext == ".dockerfile", strings.HasPrefix(base, "dockerfile."), strings.HasPrefix(base, "dockerfile-"),
		strings.HasPrefix(base, "dockerfile_"), strings.HasPrefix(base, "containerfile."):
		if ext == ".dockerignore" {
			return Other
		}
		return Dockerfile
	case isYAML(ext) && (strings.HasPrefix(base, "docker-compose") || strings.HasPrefix(base, "compose.") || strings.HasPrefix(base, "compose-") || strings.HasPrefix(base, "docker_compose")):
		return Compose
	case base == "procfile", strings.HasPrefix(base, "procfile."):
		return Procfile
	case ext == ".service", ext == ".socket":
		return Systemd
	case base == ".env", base == ".flaskenv", ext == ".env", strings.HasPrefix(base, ".env."), strings.HasPrefix(base, ".env-"), strings.HasPrefix(base, "env.") && !isScript(ext),
		strings.HasPrefix(base, ".flaskenv."):
		return Env
	case (ext == ".conf" || ext == ".ini") && (strings.HasPrefix(base, "supervisor") || inDir(dir, "supervisor") || inDir(dir, "supervisord")):
		return Supervisor
	case ext == ".conf" && (strings.Contains(base, "nginx") || nginxDir(dir) || inDir(dir, "sites-available") || inDir(dir, "sites-enabled")):
		return Nginx
	case ext == "" && (inDir(dir, "sites-available") || inDir(dir, "sites-enabled")):
		return Nginx
	case strings.HasSuffix(base, ".nginx"), base == "nginx" && deployDir(dir), base == "nginx.conf.template", base == "default.conf.template":
		return Nginx
	}
	return Other
}

func byDependencyName(dir, base, ext string) Class {
	switch base {
	case "poetry.lock", "uv.lock", "pdm.lock", "pipfile.lock", "pylock.toml", "conda-lock.yml":
		return Lock
	case "pyproject.toml", "setup.cfg", "pipfile", "environment.yml", "environment.yaml":
		return Requirements
	}
	switch {
	case strings.HasPrefix(base, "pylock.") && ext == ".toml":
		return Lock
	case (ext == ".txt" || ext == ".in" || ext == ".pip") && (strings.Contains(base, "requirements") || strings.HasPrefix(base, "constraints") || inDir(dir, "requirements")):
		return Requirements
	}
	return Other
}

// byPlace needs the folder: HTML is a template unless it is served as it is; other text is one only below a template folder.
func byPlace(dir, base, ext string) Class {
	switch ext {
	case ".html", ".htm", ".xhtml":
		inTemplates := inDir(dir, "templates") || inDir(dir, "template")
		if !inTemplates && (inDir(dir, "static") || inDir(dir, "docs") || inDir(dir, "doc") || inDir(dir, "public")) {
			return Other
		}
		return Template
	case ".sql", ".xml", ".txt", ".md", ".svg", ".js", ".css", ".csv", ".tex", ".mjml", ".eml", ".email", ".json", ".yml", ".yaml", ".ics", ".rss", ".atom", ".tmpl", ".tpl":
		if inDir(dir, "templates") && !inDir(dir, "static") && !inDir(dir, "helm") && !inDir(dir, "charts") && !inDir(dir, "chart") {
			return Template
		}
	}
	if isYAML(ext) {
		for _, d := range []string{"k8s", "kubernetes", "kube", "manifests", "helm", "charts", "chart", "openshift", "kustomize", "overlays", "deploy", "deployment", "deployments"} {
			if inDir(dir, d) {
				return K8s
			}
		}
	}
	return Other
}

func byExtension(_, base, ext string) Class {
	switch ext {
	case ".toml", ".ini", ".cfg", ".yml", ".yaml", ".json", ".conf", ".properties":
		return Config
	}
	switch base {
	case ".dockerignore", ".gitignore", "caddyfile", ".gunicorn.conf":
		return Config
	}
	return Other
}

// byShebang is asked for files without an extension only.
func byShebang(head []byte) Class {
	line, _, _ := strings.Cut(string(head[:min(len(head), 200)]), "\n")
	if !strings.HasPrefix(line, "#!") {
		return Other
	}
	for _, word := range strings.Fields(strings.TrimPrefix(line, "#!")) {
		switch name := path.Base(word); {
		case name == "sh", name == "bash", name == "dash", name == "ash", name == "ksh":
			return Shell
		case strings.HasPrefix(name, "python"), name == "uv":
			return Python
		}
	}
	return Other
}

func isYAML(ext string) bool { return ext == ".yml" || ext == ".yaml" }

// nginxDir: one of the folders has nginx among the words of its name.
func nginxDir(dir string) bool {
	return slices.Contains(strings.FieldsFunc(dir, func(r rune) bool { return r == '/' || r == '-' || r == '_' || r == '.' }), "nginx")
}

// deployDir: the folder is for what deploys or configures.
func deployDir(dir string) bool {
	base := path.Base(dir)
	return strings.HasPrefix(base, "deploy") || strings.HasPrefix(base, "conf") || base == "etc"
}

// inDir reports whether a folder path ("a/b/", or "") has a component of that name.
func inDir(dir, name string) bool {
	for i := 0; ; {
		j := strings.Index(dir[i:], name)
		if j < 0 {
			return false
		}
		j += i
		end := j + len(name)
		if (j == 0 || dir[j-1] == '/') && end < len(dir) && dir[end] == '/' {
			return true
		}
		i = j + 1
	}
}

func isTest(p string) bool {
	dir, base := path.Split(strings.ToLower(p))
	switch {
	case base == "conftest.py", base == "tests.py", strings.HasPrefix(base, "test_") && strings.HasSuffix(base, ".py"), strings.HasSuffix(base, "_test.py"):
		return true
	}
	return anyDir(dir, "tests", "test", "testing", "e2e", "__tests__", "integration_tests", "unit_tests")
}

func isExample(p string) bool {
	dir, _ := path.Split(strings.ToLower(p))
	return anyDir(dir, "docs", "doc", "example", "examples", "example_apps", "example-apps", "sample", "samples", "demo", "demos", "tutorial", "tutorials",
		"documentation")
}

func anyDir(dir string, names ...string) bool {
	for _, n := range names {
		if inDir(dir, n) {
			return true
		}
	}
	return false
}

// isScript: env.ts and the like are programs of the browser's side.
func isScript(ext string) bool {
	switch ext {
	case ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".vue":
		return true
	}
	return false
}
