package project

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"stopper/internal/deployment"
	"stopper/internal/flask"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/settings"
	"stopper/internal/visibility"
)

// Setting is what a configuration key is in production, and how it came to be so.
type Setting struct {
	Key string
	// Answer: Present when something sets it; Absent when nothing does and everything that is loaded was seen, so that the
	// default counts; Conditional when what counts depends on the environment or on a branch; NotVisible when it may come
	// from configuration that is not in the tree.
	Answer visibility.Answer
	// On is what a Conditional or NotVisible answer depends on.
	On string
	// Value is what the key is; Known tells whether it could be computed. With a Conditional answer it is the default.
	Value settings.Value
	Known bool
	// Set is the assignment that counts; nil when a file, the environment or the default does.
	Set *flask.ConfigSet
	// Env is the variable that gave the value, when the deployment files set it.
	Env *deployment.EnvVar
	// Chain lists everything that sets the key, in the order in which it happens; the default first.
	Chain []Source
	// Default is what the locked version of the package uses.
	Default flask.Default
	// Ignored: the locked version of the package does not read the key.
	Ignored string // that version
}

// Source is one step of a Setting's chain.
type Source struct {
	How   string // "default of flask", "from_object ProductionConfig", "app.config", "environment variable X", "instance/config.cfg"
	Text  string // the value as written; it may be a secret
	Path  string // "" for a default
	Line  int
	Env   flask.Environment
	Cond  bool
	State SourceState
	Value settings.Value
	Known bool

	set     *flask.ConfigSet
	envVar  *deployment.EnvVar
	reads   []settings.EnvUse
	isSeen  bool // false for a load whose content is not in the tree
	pending string
	order   int
}

// IsFile reports whether the source is a file that is no module of the program.
func (s *Source) IsFile() bool { return s.set == nil && s.envVar == nil && s.isSeen && s.Path != "" }

// SourceState says what became of a source in production.
type SourceState uint8

// States.
const (
	Counts    SourceState = iota // this is the value
	Replaced                     // a later source replaces it
	Elsewhere                    // for development or tests
	May                          // it may replace what counts
)

func (s SourceState) String() string {
	return [...]string{"counts", "replaced", "not for production", "may replace it"}[min(s, May)]
}

// Is reports whether the setting is certainly a value in production.
func (s *Setting) Is(v settings.Value) bool {
	return s.Known && s.Answer != visibility.NotVisible && !isList(s.Value) && s.Value == v
}

func isList(v settings.Value) bool { _, ok := v.([]any); return ok }

// Seconds is a lifetime: a timedelta, or a number of seconds.
func (s *Setting) Lifetime() (time.Duration, bool) {
	switch v := s.Value.(type) {
	case time.Duration:
		return v, s.Known
	case int64:
		return time.Duration(min(v, int64(100*365*24*time.Hour/time.Second))) * time.Second, s.Known
	}
	return 0, false
}

// IsUnset reports whether nothing in the tree gives the key a value in production other than None. With the answer
// NotVisible, something outside the tree may.
func (s *Setting) IsUnset() bool {
	if s.Set == nil && s.Env == nil && (s.Answer == visibility.Absent || s.Answer == visibility.NotVisible) {
		return true
	}
	return s.Answer == visibility.Present && s.Known && s.Value == nil
}

// Setting answers what a key is in production.
func (p *Project) Setting(key string) *Setting {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.settings[key]; s != nil {
		return s
	}
	s := p.setting(key)
	p.settings[key] = s
	return s
}

// Keys lists every key that anything sets, sorted.
func (p *Project) Keys() []string {
	seen := map[string]bool{}
	for _, c := range p.Flask.Config {
		seen[c.Key] = true
	}
	for _, f := range p.configFiles() {
		for _, e := range f.entries {
			seen[e.Key] = true
		}
	}
	out := make([]string, 0, len(seen))
	for k := range seen {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (p *Project) setting(key string) *Setting {
	s := &Setting{Key: key}
	for _, d := range flask.Defaults() {
		if d.Key == key {
			s.Default = d
			s.Default.Value = d.At(func(pkg string) (string, bool) {
				locked, ok := p.Deps.Locked(pkg)
				return locked.Version, ok
			})
		}
	}
	if locked, ok := p.Deps.Locked(s.Default.Of); ok && s.Default.Ignored(locked.Version) {
		s.Ignored = locked.Version
	}
	s.Chain = append(s.Chain, p.defaultSource(s))
	s.Chain = append(s.Chain, p.sources(key)...)
	s.decide()
	return s
}

// defaultSource is the value of a key that nobody sets.
func (p *Project) defaultSource(s *Setting) Source {
	d := Source{How: "default", Text: s.Default.Value, isSeen: true, order: -1, Known: true}
	if s.Default.Of != "" {
		d.How = "default of " + s.Default.Of
		d.Value = defaultValue(s.Default.Value)
	}
	return d
}

func defaultValue(text string) settings.Value {
	switch text {
	case "None", "":
		return nil
	case "True":
		return true
	case "False":
		return false
	case "timedelta(days=31)":
		return 31 * 24 * time.Hour
	case "timedelta(days=365)":
		return 365 * 24 * time.Hour
	case "timedelta(minutes=15)":
		return 15 * time.Minute
	}
	if strings.HasPrefix(text, "'") {
		return strings.Trim(text, "'")
	}
	return settings.ParseText(text)
}

// sources lists what sets a key after the default, in order of execution.
func (p *Project) sources(key string) []Source {
	var out []Source
	for i := range p.Flask.Config {
		if c := &p.Flask.Config[i]; c.Key == key {
			out = append(out, p.assignment(c))
		}
	}
	for _, f := range p.configFiles() {
		for _, e := range f.entries {
			if e.Key == key {
				out = append(out, Source{
					How: f.how, Text: e.Text, Path: f.path, Line: e.Line, Env: f.env, Cond: f.load.Cond,
					Value: e.Value, Known: e.Known, reads: e.Env, isSeen: true, order: f.load.Order,
				})
			}
		}
	}
	for i := range p.Flask.Loads {
		if src, ok := p.outside(&p.Flask.Loads[i], key); ok {
			out = append(out, src)
		}
	}
	slices.SortStableFunc(out, func(a, b Source) int { return a.order - b.order })
	return out
}

// assignment is what a ConfigSet says.
func (p *Project) assignment(c *flask.ConfigSet) Source {
	src := Source{How: c.How, Path: c.Module.Source.Path, Env: c.Env, Cond: c.Cond || !c.Loaded, set: c, isSeen: true, order: c.Order}
	if c.Class != "" {
		src.How = strings.TrimSpace(strings.TrimPrefix(c.How+" "+c.Class, "class "))
		if v, ok := p.Deploy.ProductionVar(c.ChosenBy); ok {
			src.How += fmt.Sprintf(", chosen by %s of %s:%d", c.ChosenBy, v.File, v.Line)
		}
	}
	if c.Replaced {
		src.State = Replaced
	}
	file := c.Module.File
	src.Value, src.Known = plainValue(c.Arg.Value)
	if file == nil || c.Expr == 0 {
		return src
	}
	src.Text, src.Line = file.Text(c.Expr), c.Module.Source.Line(file.Span(c.Node).Start)
	if c.Typed && c.Arg.Value != nil && c.Arg.Value.Env() != nil {
		src.fromEnv(p, c.Arg.Value.Env(), true)
		if v, ok := p.Deploy.ProductionVar(c.Arg.Value.Env().Name); ok {
			src.envVar = &v
		}
		return src
	}
	if src.Known || c.Branch && (c.Arg.Value == nil || c.Arg.Value.Env() == nil) {
		return src
	}
	n := names{p: p, m: c.Module, left: maxNames}
	r := settings.Evaluate(file, c.Expr, p.Deploy.Getenv, n.value)
	src.Value, src.Known, src.reads = r.Value, r.Known, append(r.Env, n.reads...)
	if v := c.Arg.Value; !src.Known && v != nil && v.Env() != nil {
		src.fromEnv(p, v.Env(), false)
	}
	if len(src.reads) > 0 {
		if v, ok := p.Deploy.ProductionVar(src.reads[0].Name); ok {
			src.envVar = &v
		}
	}
	return src
}

// fromEnv reads a variable that the flow engine found, whatever it is called where the key is set.
func (src *Source) fromEnv(p *Project, ref *value.EnvRef, isTyped bool) {
	use := settings.EnvUse{Name: ref.Name, HasDefault: ref.HasDefault}
	if s, ok := p.Deploy.Getenv(ref.Name); ok {
		use.IsSet = true
		src.Value, src.Known = s, true
		if def, known := plainValue(ref.Default); isTyped && known {
			src.Value = settings.Like(s, def)
		}
	} else if ref.HasDefault {
		src.Value, src.Known = plainValue(ref.Default)
	}
	src.reads = append(src.reads, use)
}

// names resolves the names of a module for one expression.
type names struct {
	p     *Project
	m     *ir.Module
	reads []settings.EnvUse // variables that the assignments of names read
	left  int               // how many assignments may still be evaluated
}

// maxNames bounds the assignments that one expression leads to.
const maxNames = 20

// value is the constant that a name is, the variable that it reads, or what its one assignment at the top computes.
func (n *names) value(name string) (settings.Value, bool) {
	v := n.p.Flow.ModuleGlobal(n.m, name)
	if v != nil && v.Env() != nil {
		if s, ok := n.p.Deploy.Getenv(v.Env().Name); ok {
			return s, true
		}
		v = v.Env().Default
	}
	if value, known := plainValue(v); known || v == nil || n.m.File == nil || n.left == 0 {
		return value, known
	}
	n.left--
	expr := flask.OnlyAssignment(n.m.File, name)
	if expr == 0 {
		return nil, false
	}
	r := settings.Evaluate(n.m.File, expr, n.p.Deploy.Getenv, n.value)
	n.reads = append(n.reads, r.Env...)
	return r.Value, r.Known
}

// Expression computes an expression of a module as the value of a key is computed: constants, the environment of production,
// the usual casts, and names that the module gives one value. For a name it is what that stands for.
func (p *Project) Expression(m *ir.Module, node ast.NodeID) settings.Result {
	if m.File == nil || node == 0 {
		return settings.Result{}
	}
	n := names{p: p, m: m, left: maxNames}
	r := settings.Evaluate(m.File, node, p.Deploy.Getenv, n.value)
	r.Env = append(r.Env, n.reads...)
	return r
}

// plainValue is the constant that a value of the flow engine is.
func plainValue(v *value.Value) (settings.Value, bool) {
	if v == nil || !v.IsConst || len(v.Consts()) != 1 {
		return nil, false
	}
	switch c := v.Consts()[0]; c.Kind {
	case ir.ConstNone:
		return nil, true
	case ir.ConstBool:
		return c.Int != 0, true
	case ir.ConstInt:
		return c.Int, !c.IsBig
	case ir.ConstStr, ir.ConstBytes:
		return c.Str, true
	}
	return nil, false
}

// outside is what a load whose content is not among the assignments may do to a key.
func (p *Project) outside(l *flask.ConfigLoad, key string) (Source, bool) {
	src := Source{How: l.Method, Path: l.Func.Module.Source.Path, Env: l.Env, Cond: true, order: l.Order}
	if l.Func.Module.File != nil {
		src.Line = l.Func.Module.Source.Line(l.Func.SpanOf(l.Node).Start)
	}
	switch {
	case l.Method == "dynaconf" && src.prefixed(p, l.Prefix+"_"+key, settings.ParseDynaconf):
		return src, true
	case l.Seen || p.loadsFile(l):
		return src, false
	case l.Method == "from_prefixed_env":
		name := l.Name + "_" + key
		if src.prefixed(p, name, settings.ParseText) {
			return src, true
		}
		src.pending = "the environment variable " + name
	case l.Method == "from_envvar":
		src.pending = "the file that " + l.Name + " names"
	case l.Name != "":
		src.pending = l.Name
		if name, ok := strings.CutPrefix(l.Name, "$"); ok {
			src.pending = "what the environment variable " + name + " names"
		}
	default:
		src.pending = "what " + l.Method + " loads"
	}
	src.How = l.Method + ": " + src.pending
	return src, true
}

// prefixed fills the source with a variable that production sets; false when it does not.
func (src *Source) prefixed(p *Project, name string, parse func(string) settings.Value) bool {
	v, ok := p.Deploy.ProductionVar(name)
	if !ok {
		return false
	}
	src.How, src.Path, src.Line = "environment variable "+name, v.File, v.Line
	src.Text, src.Value, src.Known, src.isSeen, src.Cond = v.Raw(), parse(v.Effective()), true, true, false
	src.envVar = &v
	src.reads = []settings.EnvUse{{Name: name, IsSet: true}}
	return true
}

// decide walks the chain and says what counts.
func (s *Setting) decide() {
	win := 0
	for i := 1; i < len(s.Chain); i++ {
		src := &s.Chain[i]
		switch {
		case src.State == Replaced:
		case src.Env == flask.Development || src.Env == flask.Testing:
			src.State = Elsewhere
		case !src.isSeen:
			src.State = May
		case !src.Cond, src.Env == flask.Production, win == 0:
			s.Chain[win].State = Replaced
			win = i
			for j := 1; j < i; j++ {
				if s.Chain[j].State == May && s.Chain[j].isSeen {
					s.Chain[j].State = Replaced
				}
			}
		default:
			src.State = May
		}
	}
	w := &s.Chain[win]
	s.Value, s.Known, s.Set, s.Env = w.Value, w.Known, w.set, w.envVar
	switch {
	case win == 0:
		s.Answer = visibility.Absent
	case w.Cond && w.Env != flask.Production:
		s.Answer, s.On = visibility.Conditional, "a branch, or the class that is loaded"
	case len(w.reads) > 0 && !w.reads[0].IsSet:
		s.Answer, s.On = visibility.Conditional, "the environment variable "+w.reads[0].Name
	default:
		s.Answer = visibility.Present
	}
	for i := range s.Chain {
		c := &s.Chain[i]
		if c.State != May || c.order < w.order {
			continue
		}
		switch {
		case !c.isSeen && win == 0:
			s.Answer, s.On = visibility.NotVisible, c.pending
		case s.Answer == visibility.Present:
			s.Answer, s.On = visibility.Conditional, c.How
			if c.pending != "" {
				s.On = c.pending
			}
		}
	}
}

// configFile is a file of the tree that a call loads.
type configFile struct {
	path    string
	load    *flask.ConfigLoad
	env     flask.Environment
	how     string
	entries []settings.Entry
}

// configFiles finds the files that from_pyfile, from_envvar and from_file load. The caller need not hold the lock.
func (p *Project) configFiles() []configFile {
	p.filesOnce.Do(func() {
		for i := range p.Flask.Loads {
			l := &p.Flask.Loads[i]
			name := l.Name
			switch l.Method {
			case "from_envvar":
				name, _ = p.Deploy.Getenv(l.Name)
			case "from_pyfile", "from_file", "from_json":
			case "dynaconf":
				p.dynaconf(l)
				continue
			default:
				continue
			}
			if at, ok := p.find(l.Func.Module.Source.Path, name); ok {
				if text, err := p.Work.Read(at); err == nil {
					p.files = append(p.files, configFile{path: at, load: l, env: l.Env, how: l.Method, entries: settings.ReadFile(at, text, p.Deploy.Getenv)})
				}
			}
		}
	})
	return p.files
}

// dynaconf reads the files that dynaconf finds, in its order: each beside the program, at the top, or in a folder config. A
// table of another environment than production's is kept, and does not count.
func (p *Project) dynaconf(l *flask.ConfigLoad) {
	from := path.Dir(l.Func.Module.Source.Path)
	seen := map[string]bool{}
	for _, name := range l.Files {
		for _, dir := range [...]string{from, path.Dir(from), ".", path.Join(from, "config"), "config"} {
			at := path.Join(dir, name)
			f, ok := p.Work.Lookup(at)
			if !ok || seen[at] || f.IsTest || f.IsExample {
				continue
			}
			seen[at] = true
			text, err := p.Work.Read(at)
			if err != nil {
				continue // coverage lists what could not be read
			}
			sections := settings.ReadDynaconf(at, text, p.Deploy.Getenv)
			slices.SortStableFunc(sections, func(a, b settings.Section) int { return dynaconfOrder(a.Env) - dynaconfOrder(b.Env) })
			for _, s := range sections {
				file := configFile{path: at, load: l, how: "dynaconf", entries: s.Entries}
				if s.Env != "" {
					file.how = "dynaconf [" + s.Env + "]"
				}
				switch s.Env {
				case "development", "staging":
					file.env = flask.Development
				case "testing":
					file.env = flask.Testing
				}
				p.files = append(p.files, file)
			}
		}
	}
}

// dynaconfOrder: later environments win.
func dynaconfOrder(env string) int {
	return slices.Index([]string{"", "default", "production", "global"}, env)
}

func (p *Project) loadsFile(l *flask.ConfigLoad) bool {
	return slices.ContainsFunc(p.configFiles(), func(f configFile) bool { return f.load == l })
}

// find looks for a file where Flask would: beside the module, in the package's parent, and in the instance folder.
func (p *Project) find(from, name string) (string, bool) {
	if name == "" || strings.Contains(name, "\x00") {
		return "", false
	}
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	dir := path.Dir(from)
	tries := []string{path.Join(dir, name), path.Join(dir, "instance", name), path.Join(path.Dir(dir), name), path.Join(path.Dir(dir), "instance", name), path.Join("instance", name), name}
	for _, try := range tries {
		if f, ok := p.Work.Lookup(try); ok && !f.IsTest && !f.IsExample {
			return try, true
		}
	}
	return "", false
}
