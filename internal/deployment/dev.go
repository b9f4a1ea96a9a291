package deployment

import (
	"strings"
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

func devFile(path string) why {
	if w := devWord(path); w != "" {
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

func firstWhy(reasons ...why) why {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return ""
}
