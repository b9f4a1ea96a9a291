package deployment

import (
	"cmp"
	"path"
	"strings"

	"stopper/internal/deploy/shell"
)

// why is the reason why something is a development variant; "" means it is not one.
type why string

// devWords name what is not production, as whole words of a file, folder, stage or service name.
func devWord(s string) string {
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == '.' || r == '-' || r == '_' || r == '/' || r == ' ' }) {
		switch w {
		case "dev", "devel", "develop", "development", "devcontainer", "local", "localhost", "test", "tests", "testing", "ci", "debug", "override",
			"example", "examples", "sample", "samples", "demo", "docs", "e2e", "devserver", "template", "dist":
			return w
		}
	}
	return ""
}

func prodWord(s string) bool {
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == '.' || r == '-' || r == '_' || r == '/' || r == ' ' }) {
		switch w {
		case "prod", "production", "live", "staging", "release":
			return true
		}
	}
	return false
}

func devFile(p string) why {
	if w := devWord(p); w != "" && !(w == "override" && prodWord(path.Base(p))) {
		return why("the path says \"" + w + "\"")
	}
	return ""
}

func devName(what, name string) why {
	if w := devWord(name); w != "" {
		return why("the " + what + " is named " + name)
	}
	return ""
}

// devCondition judges a branch of a script: the then-branch of a test for development, or the else-branch of one for production.
func devCondition(when string, otherwise bool) why {
	if when == "" {
		return ""
	}
	text := strings.ToLower(when)
	negated := strings.Contains(text, "!=") || strings.Contains(text, "! ") || strings.Contains(text, "-z ") || strings.Contains(text, "-ne ")
	dev := strings.Contains(text, "dev") && !strings.Contains(text, "/dev/") || strings.Contains(text, "debug") || strings.Contains(text, "local") || strings.Contains(text, "test ") && strings.Contains(text, "env")
	prod := strings.Contains(text, "prod")
	if dev && negated == otherwise && !prod || prod && negated != otherwise && !dev {
		return "only when " + why(redactLine(when))
	}
	return ""
}

// devArm judges an arm of a case: one for development, or the one for everything else beside one for production.
func devArm(c *shell.Choice) why {
	if c == nil || c.Arm >= len(c.Arms) {
		return ""
	}
	forProduction := false
	for i, arm := range c.Arms {
		for _, p := range arm {
			forProduction = forProduction || i != c.Arm && prodWord(strings.Trim(p, "\"'"))
		}
	}
	for _, p := range c.Arms[c.Arm] {
		p = strings.Trim(p, "\"'")
		if devWord(p) == "" && !(forProduction && (p == "" || p == "*")) {
			return ""
		}
	}
	return why("only when " + redactLine(c.Subject) + " is " + cmp.Or(redactLine(strings.Join(c.Arms[c.Arm], " or ")), "empty"))
}

func firstWhy(reasons ...why) why {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return ""
}
