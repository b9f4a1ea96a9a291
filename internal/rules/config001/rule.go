// Package config001 judges the keys that sign sessions and tokens.
package config001

import (
	_ "embed"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-CONFIG-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// keys are the configuration keys that sign something.
var keys = map[string]bool{
	"SECRET_KEY": true, "SECRET_KEY_FALLBACKS": true, "WTF_CSRF_SECRET_KEY": true, "JWT_SECRET_KEY": true,
	"SECURITY_PASSWORD_SALT": true, "SECURITY_SECRET_KEY": true, "JWT_SECRET": true,
}

// Run judges every assignment of a signing key.
func (Rule) Run(p *rule.Pass) {
	for _, c := range p.Project.Flask.Config {
		if keys[c.Key] && !rule.IsDevelopment(c) {
			assignment(p, c)
		}
	}
	files(p)
	reused(p)
	missing(p)
	environment(p)
	logged(p)
	guessable(p)
	predictable(p)
}

// guessable reports keys from a generator that can be predicted, once for each place that draws one.
func guessable(p *rule.Pass) {
	seen := map[value.Origin]bool{}
	for _, h := range p.Project.Hits(models.SecretName) {
		if !rule.NamesSigningKey(h.Callee) || seen[h.Labels[0].Origin] {
			continue
		}
		seen[h.Labels[0].Origin] = true
		f := p.OnHit("guessable-key", h)
		f.Message = rule.Sources(h) + " makes a signing key that can be predicted"
		p.Report(f)
	}
}

func assignment(p *rule.Pass, c flask.ConfigSet) {
	if c.Arg.Value == nil {
		return
	}
	for _, e := range c.Arg.Elems { // SECRET_KEY_FALLBACKS
		judge(p, c, e.Value)
	}
	if !judge(p, c, c.Arg.Value) && !isComputed(c.Arg.Value) {
		fallback(p, c)
	}
}

// fallback judges an assignment whose value nobody can compute, because a part of it comes from elsewhere.
func fallback(p *rule.Pass, c flask.ConfigSet) {
	w, ok := p.WrittenKey(c.Module, c.Func, c.Expr)
	if !ok {
		return
	}
	f := p.AtNode("fallback-literal", c.Module, c.Node)
	f.Secret = true
	f.Function = c.Class
	salted(f, c.Key)
	f.Message = c.Key + " falls back to a value written in the code where nothing else gives one"
	f.Flow = w.Flow(f, "becomes "+c.Key)
	p.Report(f)
}

// isComputed: all that the value can be is known, so that nothing is left to look for in the code.
func isComputed(v *value.Value) bool {
	if v.Env() != nil && v.Env().HasDefault {
		return v.Env().Default != nil && v.Env().Default.IsConst
	}
	return v.Env() == nil && v.IsConst && len(v.Consts()) == 1
}

// judge reports a value that is known, and whether it did.
func judge(p *rule.Pass, c flask.ConfigSet, v *value.Value) bool {
	if v == nil {
		return false
	}
	if v.Env() != nil {
		text, ok := literal(v.Env().Default)
		if ok && text != "" {
			report(p, c, "fallback-literal", c.Key+" falls back to a value written in the code when "+v.Env().Name+" is not set")
		}
		return ok && text != ""
	}
	text, ok := literal(v)
	switch {
	case !ok || text == "" || text == c.Key && c.Class != "" && !c.Loaded: // SECRET_KEY = "SECRET_KEY" in a list of names
		return false
	case isWeak(text):
		report(p, c, "weak-key", c.Key+" is a value that can be guessed, and it is written in the code")
	default:
		report(p, c, "hardcoded-key", c.Key+" is written in the code: whoever reads the repository can forge sessions")
	}
	return true
}

// files judges the keys in files that from_pyfile and from_file load.
func files(p *rule.Pass) {
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		for _, src := range p.Project.Setting(key).Chain {
			text, ok := src.Value.(string)
			if !src.IsFile() || !src.Known || !ok || text == "" || src.State == project.Elsewhere || rule.NamesDevelopment(src.Path) {
				continue
			}
			slug, message := "hardcoded-key", key+" is written in a file of the repository that the application loads"
			if isWeak(text) {
				slug, message = "weak-key", key+" is a value that can be guessed, and it is written in a file of the repository"
			}
			f := p.AtLine(slug, src.Path, src.Line)
			f.Secret = true
			f.Message = message
			salted(f, key)
			p.Report(f)
		}
	}
}

// salted tells what the salt of Flask-Security does: it signs no session. Passwords go through an HMAC with it before they are hashed.
func salted(f *finding.Finding, key string) {
	if key != "SECURITY_PASSWORD_SALT" {
		return
	}
	f.Severity = min(f.Severity, finding.Medium)
	f.Message = strings.Replace(f.Message, ": whoever reads the repository can forge sessions", "", 1)
	f.Impact = "Flask-Security puts passwords through an HMAC with this text before it hashes them, so that a stolen table of users alone is worth nothing. " +
		"Whoever knows the text searches the hashes as if it were not there."
	f.Fix = `Read it with os.environ["SECURITY_PASSWORD_SALT"], so that a missing one stops the start. A new one makes all passwords invalid: where there are users already, let them set new ones.`
}

func report(p *rule.Pass, c flask.ConfigSet, slug, message string) {
	f := p.AtNode(slug, c.Module, c.Node)
	f.Secret = slug != "key-reuse"
	f.Function = c.Class
	f.Message = message
	salted(f, c.Key)
	if !c.Loaded {
		f.Confidence = min(f.Confidence, finding.ConfidenceMedium)
		f.Reasons = append(f.Reasons, "no call was seen that loads this class into the application")
	}
	p.Report(f)
}

func literal(v *value.Value) (string, bool) {
	if v == nil || !v.IsConst || len(v.Consts()) != 1 {
		return "", false
	}
	c := v.Consts()[0]
	return c.Str, c.Kind == ir.ConstStr || c.Kind == ir.ConstBytes
}

// samples are the keys of tutorials and manuals. A key that contains one is no key.
var samples = [...]string{
	"secret", "changeme", "change-me", "change_me", "change this", "changethis", "password", "default", "example",
	"your-", "your_", "yourkey", "insecure", "12345", "qwerty", "abcdef", "placeholder", "development", "devkey", "dev-key",
	"test", "admin", "letmein", "supersecret", "hard to guess", "_5#y2l",
}

// weakBits is the least Shannon estimate of a key that nobody can search: 16 random bytes hold 128 bits, and the estimate of
// a short text is far below its true value, so this is a lenient line.
const weakBits = 60

func isWeak(s string) bool {
	l := strings.ToLower(s)
	for _, w := range samples {
		if strings.Contains(l, w) {
			return true
		}
	}
	return len(s) < 12 || entropy(s)*float64(len(s)) < weakBits
}

// entropy is the Shannon entropy of a text's bytes, in bits per byte.
func entropy(s string) float64 {
	var count [256]int
	for i := 0; i < len(s); i++ {
		count[s[i]]++
	}
	sum := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(s))
			sum -= p * math.Log2(p)
		}
	}
	return sum
}

// reused reports a key that signs two different things: who gets one of them signed has a head start on the other.
func reused(p *rule.Pass) {
	for i, c := range p.Project.Flask.Config {
		if !keys[c.Key] || c.Key == "SECRET_KEY" || c.Key == "SECRET_KEY_FALLBACKS" || rule.IsDevelopment(c) {
			continue
		}
		for j, other := range p.Project.Flask.Config {
			if i != j && other.Key == "SECRET_KEY" && sameEnv(c.Arg.Value, other.Arg.Value) {
				report(p, c, "key-reuse", c.Key+" is the same value as SECRET_KEY")
				break
			}
		}
	}
}

func sameEnv(a, b *value.Value) bool {
	return a != nil && b != nil && a.Env() != nil && b.Env() != nil && a.Env().Name == b.Env().Name
}

// missing reports an application that writes to the session and that gets a key from nowhere we can see.
func missing(p *rule.Pass) {
	for _, c := range p.Project.Flask.Config {
		if c.Key == "SECRET_KEY" {
			return
		}
	}
	if len(p.Project.Flask.Apps) == 0 || p.Project.Flask.Apps[0].Func == nil || loadsUnseen(p) {
		return
	}
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if !strings.HasPrefix(e.Callee, "flask.session.__setitem__") && !strings.HasPrefix(e.Callee, "flask.Session.__setitem__") {
			continue
		}
		f := p.At("missing-key", p.Project.Flask.Apps[0].Func, p.Project.Flask.Apps[0].Node)
		f.Message = "the application writes to the session, and no SECRET_KEY is set anywhere"
		f.Related = append(f.Related, finding.Location{Path: e.Func.Module.Source.Path, Span: e.Func.SpanOf(e.Node), Note: "writes to the session"})
		p.Report(f)
		return
	}
}

// loadsUnseen reports whether configuration comes from a place that the code does not show.
func loadsUnseen(p *rule.Pass) bool {
	for i := range p.Project.Flow.Events {
		m := p.Project.Flow.Events[i].Callee
		for _, unseen := range [...]string{".from_pyfile", ".from_envvar", ".from_prefixed_env", ".from_file", ".from_json", ".from_object", ".update", ".from_mapping"} {
			if strings.HasSuffix(m, unseen) {
				return true
			}
		}
	}
	return false
}

// environment reports real keys in deployment files that are part of the repository.
func environment(p *rule.Pass) {
	for _, v := range p.Project.Deploy.Env {
		text := v.Effective()
		if v.Dev || !keys[v.Name] && v.Name != "FLASK_SECRET_KEY" || text == "" || namesFile(text) || rule.NamesDevelopment(v.File) {
			continue
		}
		isWord := isPlaceholder(text)
		if isWord && (strings.Contains(text, "$") || !p.Project.Deploy.Starts(v)) {
			continue
		}
		f := p.AtLine("env-committed", v.File, v.Line)
		f.Secret = true
		f.Message = v.Name + " has its value in a file of the repository"
		switch {
		case isWord && v.Default != "":
			f.Severity = finding.Medium
			f.Message = "where nobody sets " + v.Name + ", production starts with the placeholder written here, which everybody can read"
		case isWord:
			f.Severity = finding.Medium
			f.Message = v.Name + " is a placeholder: production starts with it as long as nobody replaces it, and everybody can read it"
		}
		if !strings.Contains(path.Base(v.File), ".env") {
			f.Fix = "Take the value out of this file and hand it in where the application starts: a variable of the host (${" + v.Name +
				":?}), an env_file that is not in the repository, or a secret of the platform. Make a new key: this one is known."
		}
		p.Report(f)
	}
}

// namesFile: the variable says in which file the key is.
func namesFile(s string) bool {
	switch path.Ext(s) {
	case ".yaml", ".yml", ".json", ".pem", ".key", ".txt", ".pub", ".env", ".toml", ".ini", ".conf", ".crt", ".secret":
		return true
	}
	return strings.HasPrefix(s, "/") && !strings.ContainsAny(s, "=+ ")
}

func isPlaceholder(s string) bool {
	l := strings.ToLower(s)
	return strings.ContainsAny(s, "$<{") || strings.HasPrefix(l, "your") || strings.Contains(l, "change") ||
		strings.Contains(l, "xxx") || strings.Contains(l, "placeholder") || strings.Contains(l, "generate")
}

// logged reports configuration or keys that are printed or logged.
func logged(p *rule.Pass) {
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if e.Callee != "builtins.print" && !strings.HasPrefix(e.Callee, "logging.") {
			continue
		}
		for _, a := range e.Args.Pos {
			if key := printedKey(e, a); key != "" {
				f := p.At("logged", e.Func, a.Node)
				f.Message = key + " is written to the log"
				p.Report(f)
			}
		}
	}
}

// textOfConfig makes text or a plain dict of the whole configuration: pprint.pformat(app.config, indent=2).
var textOfConfig = regexp.MustCompile(`^(?:(?:\w+\.)?(?:str|repr|dict|pformat|dumps)\()+(?:\w+\.)?\w*app\.config(?:\.items\(\))?(?:\)|,[^()]*)+$`)

func printedKey(e *flow.Event, a flow.Arg) string {
	file := e.Func.Module.File
	if file == nil || a.Node == 0 {
		return ""
	}
	text := file.Text(a.Node)
	for _, form := range [...]string{`config["SECRET_KEY"]`, `config['SECRET_KEY']`, `app.secret_key`} {
		if strings.Contains(text, form) {
			return "SECRET_KEY"
		}
	}
	if strings.HasSuffix(text, "app.config") || textOfConfig.MatchString(text) {
		return "the whole configuration, SECRET_KEY included,"
	}
	return ""
}
