package deser001

import (
	"strings"

	"stopper/internal/project"
	"stopper/internal/rule"
)

// verdict is what the release of the library makes of a loader.
type verdict struct {
	harmless bool   // it loads data only, or refuses the call
	mild     bool   // it takes more to act
	when     string // in words, for the message
	reason   string // what is not known
}

const notFixed = "it depends on the installed release of the library, which no file of the project fixes"

// judge asks the locked release about calls whose default has changed.
func judge(p *rule.Pass, h project.Hit) verdict {
	switch {
	case isFullLoader(h):
		return fullLoader(p)
	case h.Callee == "yaml.load" || h.Callee == "yaml.load_all":
		if _, named := h.Args.At(1, "Loader"); !named {
			return noLoader(p)
		}
	case h.Callee == "torch.load":
		if _, named := h.Args.Keyword("weights_only"); !named {
			return since(p, "torch", "2.6", " before PyTorch 2.6")
		}
	case strings.HasPrefix(h.Callee, "ruamel.yaml.") && !strings.Contains(h.Callee, "YAML"):
		if yes, known := p.AtLeast("ruamel-yaml", "0.18"); yes && known {
			return verdict{harmless: true} // the functions are gone
		}
	}
	return verdict{}
}

func since(p *rule.Pass, pkg, version, when string) verdict {
	yes, known := p.AtLeast(pkg, version)
	switch {
	case !known:
		return verdict{when: when, reason: notFixed}
	case yes:
		return verdict{harmless: true}
	}
	return verdict{}
}

// fullLoader builds Python objects, but since PyYAML 5.4 none that act.
func fullLoader(p *rule.Pass) verdict {
	v := since(p, "pyyaml", "5.4", " in PyYAML before 5.4")
	v.mild = true
	return v
}

// noLoader: without a loader, PyYAML took the unsafe one until 5.1 and FullLoader until 6, which refuses the call.
func noLoader(p *rule.Pass) verdict {
	if yes, known := p.AtLeast("pyyaml", "5.1"); !known || !yes {
		if yes, known := p.AtLeast("pyyaml", "6.0"); !known || !yes {
			v := verdict{}
			if !known {
				v.reason = notFixed
			}
			return v
		}
		return verdict{harmless: true}
	}
	return fullLoader(p)
}
