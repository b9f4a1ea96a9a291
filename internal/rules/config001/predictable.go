package config001

import (
	"strings"

	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// predictable reports keys that are made of nothing but the clock, the machine's name or the like, each where it gets its name.
//
//	SECRET_KEY = settings.get("secret_key", str(date.today()))
func predictable(p *rule.Pass) {
	p.Named(func(n project.Name) bool { return n.Target == ast.Subscript || rule.NamesSigningKey(n.Ident) }, func(at rule.Place) {
		v := keyValue(at)
		if v == 0 || rule.NamesDevelopment(at.Mod.Source.Path) {
			return
		}
		r := &reading{at: at}
		if !r.isKnown(v) || r.from == "" {
			return
		}
		f := at.Report("guessable-key")
		f.Message = r.from + " makes a signing key that can be predicted"
		p.Report(f)
	}, ast.Assign, ast.AnnAssign, ast.Keyword)
}

// keyValue is what a signing key is set to; 0 for other assignments.
func keyValue(at rule.Place) ast.NodeID {
	f := at.Mod.File
	switch f.Kind(at.Node) {
	case ast.Keyword:
		return f.SlotB(at.Node)
	case ast.AnnAssign:
		return f.SlotC(at.Node)
	}
	targets := f.ListA(at.Node)
	if len(targets) != 1 {
		return 0
	}
	if t := ast.NodeID(targets[0]); f.Kind(t) == ast.Subscript {
		if key, ok := f.Str(f.SlotB(t)); !ok || !rule.NamesSigningKey(key) {
			return 0
		}
	}
	return f.SlotB(at.Node)
}

// reading looks at an expression for what somebody elsewhere does not know.
type reading struct {
	at    rule.Place
	from  string // the call that gives what can be predicted
	depth int
}

// maxReading bounds how deep an expression and the names in it are followed.
const maxReading = 12

// isKnown: who knows the code, and tries some thousand times, finds the value. Of alternatives, one is enough.
func (r *reading) isKnown(n ast.NodeID) bool {
	f := r.at.Mod.File
	if n == 0 || r.depth > maxReading {
		return false
	}
	r.depth++
	defer func() { r.depth-- }()
	switch f.Kind(n) {
	case ast.Constant:
		return true
	case ast.Call:
		return r.call(n)
	case ast.Attribute:
		return r.isKnown(f.SlotA(n))
	case ast.BinOp:
		return r.isKnown(f.SlotA(n)) && r.isKnown(f.SlotB(n))
	case ast.FormattedValue:
		return r.isKnown(f.SlotA(n))
	case ast.JoinedStr:
		return r.all(f.ListA(n))
	case ast.BoolOp:
		values := f.ListA(n)
		return r.gives(ast.NodeID(values[len(values)-1]))
	case ast.IfExp:
		return r.gives(f.SlotB(n)) || r.gives(f.SlotC(n))
	case ast.Name:
		v := r.assigned(f.IdentOf(n))
		return v != 0 && r.isKnown(v)
	}
	return false
}

func (r *reading) all(list []uint32) bool {
	for _, n := range list {
		if !r.isKnown(ast.NodeID(n)) {
			return false
		}
	}
	return true
}

// gives: an alternative counts for what can be predicted in it alone: a text is another check's.
func (r *reading) gives(n ast.NodeID) bool {
	before := r.from
	if r.isKnown(n) && r.from != before {
		return true
	}
	r.from = before
	return false
}

func (r *reading) call(n ast.NodeID) bool {
	f := r.at.Mod.File
	fn, args := f.SlotA(n), f.ListB(n)
	path := r.at.Outside(fn)
	if isClock(path) {
		r.from = path + "()"
		return true
	}
	name := f.IdentOf(fn)
	switch name {
	case "get", "getenv", "pop", "setdefault", "getattr":
		i := 1
		if name == "getattr" {
			i = 2
		}
		if v := f.KeywordArg(n, "default"); v != 0 {
			return r.gives(v)
		}
		if v := f.KeywordArg(n, "fallback"); v != 0 {
			return r.gives(v)
		}
		return len(args) > i && f.Kind(ast.NodeID(args[i])) != ast.Keyword && r.gives(ast.NodeID(args[i]))
	case "str", "repr", "int", "float", "hash", "hex", "bytes", "round":
		return f.Kind(fn) == ast.Name && len(args) > 0 && r.all(args)
	}
	if top, _, _ := strings.Cut(path, "."); (top == "hashlib" || top == "base64" || top == "binascii") && len(args) > 0 {
		return r.all(args)
	}
	// str(now).encode(), now.isoformat(), "{}".format(now)
	return f.Kind(fn) == ast.Attribute && isReshaping(name) && r.isKnown(f.SlotA(fn)) && r.all(args)
}

// isClock: what the function gives is known to others, or nearly so.
func isClock(path string) bool {
	switch path {
	case "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow", "time.time", "time.time_ns",
		"time.ctime", "time.asctime", "time.strftime", "time.localtime", "os.getpid", "os.getcwd", "os.uname", "socket.gethostname",
		"socket.getfqdn", "platform.node", "platform.platform", "getpass.getuser", "uuid.getnode":
		return true
	}
	return false
}

func isReshaping(method string) bool {
	switch method {
	case "encode", "decode", "isoformat", "strftime", "timestamp", "ctime", "format", "hexdigest", "digest", "toordinal", "replace", "zfill", "upper",
		"lower", "strip":
		return true
	}
	return false
}

// assigned is the only value that the function, or the module, gives to a name; 0 when there are several or none.
func (r *reading) assigned(name string) ast.NodeID {
	if all := r.at.Assigned(name); len(all) == 1 {
		return all[0]
	}
	return 0
}
