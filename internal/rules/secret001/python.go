package secret001

import (
	"encoding/base64"
	"path"
	"regexp"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// developmentModule is a module of settings for tests or for development.
var developmentModule = regexp.MustCompile(`^(?:tests?|testing|dev|devel|development)(?:[-_]\w+)?\.py$|[-_](?:tests?|testing|dev|development)\.py$`)

// python looks through the string tables of the modules, and walks only those that hold something.
func python(p *rule.Pass) {
	for _, m := range p.Project.Prog.Modules {
		if m.IsTest || m.File == nil || isSample(m.Source.Path) {
			continue
		}
		if f, _ := p.Project.Work.Lookup(m.Source.Path); f.IsExample || !holdsAny(m.File) {
			continue
		}
		r := reader{pass: p, module: m, file: m.File, isDevelopment: developmentModule.MatchString(strings.ToLower(path.Base(m.Source.Path)))}
		m.File.Walk(m.File.Root, func(n ast.NodeID) bool {
			r.visit(n)
			return true
		})
	}
}

// holdsAny reports whether a walk may find anything: a text that gives itself away or looks random, or a password's name beside
// a text that may be one.
func holdsAny(f *ast.File) bool {
	some := false
	for _, s := range f.Strings {
		if len(known(s)) > 0 || strong(s) {
			return true
		}
		some = some || chosen(s)
	}
	if !some {
		return false
	}
	for _, n := range f.Names {
		if isPasswordName(n) || n == "login" || n == "auth" {
			return true
		}
	}
	for _, s := range f.Strings {
		if len(s) <= maxName && isPasswordName(s) {
			return true
		}
	}
	return false
}

// maxName bounds the texts that are taken for names.
const maxName = 60

// reader looks for credentials in one module.
type reader struct {
	pass          *rule.Pass
	module        *ir.Module
	file          *ast.File
	isDevelopment bool
}

func (r *reader) visit(n ast.NodeID) {
	f := r.file
	switch f.Kind(n) {
	case ast.Constant:
		if s, ok := f.Str(n); ok {
			for _, k := range known(s) {
				line := r.module.Source.Line(f.Span(n).Start)
				report(r.pass, r.pass.AtNode(k.slug, r.module, n), line, r.module.Source.LineText(line), s[k.start:k.end], k.what)
			}
		}
	case ast.Assign:
		for _, t := range f.ListA(n) {
			if name := r.target(ast.NodeID(t)); name != "" {
				r.given(name, f.SlotB(n))
				break
			}
		}
	case ast.AnnAssign:
		r.given(r.target(f.SlotA(n)), f.SlotC(n))
	case ast.Keyword:
		r.given(f.IdentOf(n), f.SlotB(n))
	case ast.Arg:
		r.given(f.IdentOf(n), f.SlotC(n))
	case ast.Dict:
		items := f.ListA(n)
		for i := 0; i+1 < len(items); i += 2 {
			if key, ok := f.Str(ast.NodeID(items[i])); ok && len(key) <= maxName {
				r.given(key, ast.NodeID(items[i+1]))
				r.header(key, ast.NodeID(items[i+1]))
			}
		}
	case ast.Call:
		r.call(n)
	}
}

// target is the name that an assignment gives: NAME, x.name, d["name"].
func (r *reader) target(n ast.NodeID) string {
	f := r.file
	switch f.Kind(n) {
	case ast.Name, ast.Attribute:
		return f.IdentOf(n)
	case ast.Subscript:
		if s, ok := f.Str(f.SlotB(n)); ok && len(s) <= maxName {
			return s
		}
	}
	return ""
}

// given judges a value by the name that it gets. What stands behind `or` is what counts where the environment says nothing.
// A setting's name is written in capitals: there a password may be one that somebody made up.
func (r *reader) given(name string, v ast.NodeID) {
	if v == 0 || !isSecretName(name) {
		return
	}
	if f := r.file; f.Kind(v) == ast.BoolOp {
		values := f.ListA(v)
		v = ast.NodeID(values[len(values)-1])
	}
	s, ok := r.file.Str(v)
	if ok && (strong(s) || name == strings.ToUpper(name) && isPasswordName(name) && chosen(s)) {
		r.tell("a value for "+name, v, s)
	}
}

func (r *reader) tell(what string, v ast.NodeID, s string) {
	if r.isDevelopment || inExample(r.file, v) || len(known(s)) > 0 {
		return
	}
	f := r.pass.AtNode("assigned", r.module, v)
	f.Confidence = finding.ConfidenceMedium
	f.Reasons = append(f.Reasons, "told by the name and by what the text looks like")
	line := r.module.Source.Line(r.file.Span(v).Start)
	report(r.pass, f, line, r.module.Source.LineText(line), s, what)
}

// call: what is read where the environment has no such name, and what signs in to another service.
func (r *reader) call(n ast.NodeID) {
	f := r.file
	callee := f.Dotted(f.SlotA(n))
	last := callee[strings.LastIndexByte(callee, '.')+1:]
	var first, second ast.NodeID
	for i, a := range f.ListB(n) {
		if id := ast.NodeID(a); f.Kind(id) == ast.Keyword || f.Kind(id) == ast.Starred || i > 1 {
			break
		} else if i == 0 {
			first = id
		} else {
			second = id
		}
	}
	if pair := f.KeywordArg(n, "auth"); pair != 0 && f.Kind(pair) == ast.Tuple {
		if items := f.ListA(pair); len(items) == 2 {
			r.signIn(ast.NodeID(items[0]), ast.NodeID(items[1]))
		}
	}
	switch last {
	case "login", "HTTPBasicAuth", "HTTPDigestAuth", "BasicAuth":
		r.signIn(first, second)
	case "get", "getenv", "config", "env", "str", "setdefault":
		if name, ok := f.Str(first); ok && first != 0 && len(name) <= maxName {
			if second == 0 {
				second = f.KeywordArg(n, "default")
			}
			r.given(name, second)
		}
	case "connect", "Connection", "connection", "ConnectionPool", "PooledDB", "Redis", "StrictRedis", "MongoClient", "Elasticsearch", "SMTP", "Client", "Database":
		for _, a := range f.ListB(n) {
			k := ast.NodeID(a)
			if f.Kind(k) != ast.Keyword || !isPasswordName(f.IdentOf(k)) {
				continue
			}
			if s, ok := f.Str(f.SlotB(k)); ok && chosen(s) && !strong(s) {
				r.tell("a value for "+f.IdentOf(k), f.SlotB(k), s)
			}
		}
	}
}

// signIn: a name and a password, both written out.
func (r *reader) signIn(user, password ast.NodeID) {
	if user == 0 || password == 0 {
		return
	}
	u, _ := r.file.Str(user)
	s, ok := r.file.Str(password)
	if ok && u != s && (strong(s) || chosen(s)) {
		r.tell("the password of an account", password, s)
	}
}

// header: what a request to another service proves who it is with.
func (r *reader) header(name string, v ast.NodeID) {
	s, ok := r.file.Str(v)
	if !ok {
		return
	}
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization":
		scheme, rest, many := strings.Cut(s, " ")
		if !many {
			return
		}
		switch strings.ToLower(scheme) {
		case "basic":
			if login, err := base64.StdEncoding.DecodeString(rest); err == nil {
				user, password, _ := strings.Cut(string(login), ":")
				if user != password && (strong(password) || chosen(password)) {
					r.tell("the password of an account", v, s)
				}
			}
		case "bearer", "token", "apikey":
			if strong(rest) {
				r.tell("a token", v, s)
			}
		}
	case "x-api-key", "api-key", "apikey", "x-auth-token", "private-token", "x-access-token":
		if strong(s) && !isSecretName(name) {
			r.tell("a value for "+name, v, s)
		}
	}
}

// inExample reports whether a node stands in the value of a name that says it is an example, or in a class of settings for tests
// or development: connection_args_example = {…}, class Development.
func inExample(f *ast.File, n ast.NodeID) bool {
	at := f.Span(n).Start
	for _, s := range f.Body(f.Root) {
		id := ast.NodeID(s)
		if sp := f.Span(id); at < sp.Start || sp.End <= at {
			continue
		}
		if f.Kind(id) == ast.ClassDef {
			return rule.NamesDevelopment(f.IdentOf(id))
		}
		if f.Kind(id) != ast.Assign {
			continue
		}
		for _, t := range f.ListA(id) {
			l := strings.ToLower(f.IdentOf(ast.NodeID(t)))
			if strings.Contains(l, "example") || strings.Contains(l, "sample") || strings.Contains(l, "demo") {
				return true
			}
		}
	}
	return false
}
