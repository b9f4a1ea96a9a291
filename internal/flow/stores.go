package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// What one request keeps under a name that the code gives, and another finds there: in the session of a visitor, a cache, Redis, a
// file. The name is all that is matched, so what is found is weaker than what a request brings itself.
//
//	session["back"] = request.args["back"]       # one view
//	return redirect(session.pop("back"))         # another, of the same visitor
//
//	cache.set(f"draft:{id}", request.form["text"])

// place keeps values by name. A session is the visitor's own, so that what is found in it is still his; the
// others are everybody's.
type place struct{ kind, name string }

const (
	inSession = "session"
	inFile    = "file"
	inCache   = "cache"
	inRedis   = "redis"
)

func (p place) cell() string { return p.kind + "[" + p.name }

// String names the place for people.
func (p place) String() string {
	switch p.kind {
	case inSession:
		return "the session"
	case inFile:
		return "a file of the name " + p.name
	case inCache:
		return "the cache"
	}
	return "Redis"
}

// keep puts what a value holds into a store.
func (f *frame) keep(p place, v *value.Value, node ast.NodeID) {
	v = value.KeepLabels(taintOnly(f.deep(v)), func(l *value.Label) bool {
		return l.UnknownCalls() == 0 && (l.Origin.Kind == value.OriginParam || l.Origin.Source == models.Remote)
	})
	if v == nil || len(v.Taint) == 0 {
		return
	}
	f.keepIn(p, value.WithStep(v, f.fn.ID, node, "kept in "+p.String()))
}

// keepIn is keep for a value whose way is known. What a parameter holds is kept where the function is called.
func (f *frame) keepIn(p place, v *value.Value) {
	if p.kind == inSession {
		v = value.WithMark(v, value.MarkSession)
	} else {
		v = written(v)
	}
	if hasParamLabel(v.Taint) {
		f.effect(effect{class: ir.NoClass, place: p, v: v})
	}
	if c := f.s.libAttr(p.kind, p.cell()); c.write(f.dropParams(v)) {
		f.s.dirty(c)
	}
}

// found is what any request kept in a store; nil when nothing is.
func (f *frame) found(p place, node ast.NodeID) *value.Value {
	c := f.s.libAttr(p.kind, p.cell())
	c.read(f.fn.ID)
	if c.joined == nil || len(c.joined.Taint) == 0 {
		return nil
	}
	first := *c.joined
	first.Taint = first.Taint[:min(maxWriters, len(first.Taint)):len(first.Taint)]
	return value.WithStep(derived(first.Marks, &first), f.fn.ID, node, "read again from "+p.String())
}

// minPrefix is the shortest beginning of a key that tells one kind of thing from others.
const minPrefix = 3

// keyName is a key as the code writes it: the whole text, or what stands before the first part that differs.
func keyName(v *value.Value) (string, bool) {
	if v == nil {
		return "", false
	}
	if s, ok := oneStr(v); ok && len(v.Taint) == 0 {
		return s, s != ""
	}
	p := v.Str.Prefix()
	return p + "*", len(p) >= minPrefix
}

// keyed is what a call of a cache or of Redis keeps or finds under a key: r with what is found.
func (f *frame) keyed(e *models.Entry, args []arg, node ast.NodeID, r *value.Value) *value.Value {
	method, isRedis := strings.CutPrefix(e.Path, "redis.Redis.")
	p := place{kind: inRedis}
	if !isRedis {
		var ok bool
		if method, ok = strings.CutPrefix(e.Path, "flask_caching.Cache."); !ok {
			return r
		}
		p.kind = inCache
	}
	if len(args) == 0 || args[0].kind != ir.ArgPos {
		return r
	}
	key, ok := keyName(args[0].v)
	if !ok {
		return r
	}
	p.name = key
	switch method {
	case "get", "hgetall", "lrange", "lpop", "rpop", "blpop", "brpop", "lindex", "smembers", "spop", "srandmember", "zrange", "getdel", "getex":
		return f.withFound(p, node, r)
	case "hget":
		if len(args) > 1 {
			return f.withFound(p.field(args[1].v), node, r)
		}
	case "hset", "hsetnx":
		f.keepFields(p, args, node)
	case "set", "add", "setex", "psetex", "setnx", "getset", "lpush", "rpush", "sadd", "append":
		for _, a := range args[1:] {
			if a.kind == ir.ArgPos || a.name == "value" {
				f.keep(p, a.v, node)
			}
		}
	}
	return r
}

// field is the place of one field of a hash.
func (p place) field(name *value.Value) place {
	if s, ok := oneStr(name); ok {
		p.name += "[" + s
	}
	return p
}

// keepFields is hset(key, field, value) and hset(key, mapping={…}).
func (f *frame) keepFields(p place, args []arg, node ast.NodeID) {
	if len(args) > 2 && args[1].kind == ir.ArgPos && args[2].kind == ir.ArgPos {
		f.keep(p, args[2].v, node)
		f.keep(p.field(args[1].v), args[2].v, node)
	}
	for _, a := range args[1:] {
		if a.kind == ir.ArgKeyword && a.name == "mapping" {
			f.keep(p, a.v, node)
			for _, c := range f.itemsOf(a.v) {
				f.keep(p.field(value.Of(c.key)), c.value, node)
			}
		}
	}
}

func (f *frame) withFound(p place, node ast.NodeID, r *value.Value) *value.Value {
	if v := f.found(p, node); v != nil && r != nil {
		return value.AddLabels(r, v.Taint)
	}
	return r
}

// minFileName is the shortest name of a file that tells it from others.
const minFileName = 4

// fileName is the last part of a path, as the code writes it; empty when it is not known.
func fileName(path *value.Value) string {
	if path == nil {
		return ""
	}
	name, ok := oneStr(path)
	if !ok {
		name = path.Str.Suffix()
		if !strings.Contains(name, "/") {
			return ""
		}
	}
	if name = name[strings.LastIndexByte(name, '/')+1:]; len(name) < minFileName {
		return ""
	}
	return name
}

// pathOf is the path that an open file was opened at; nil when it is not known.
func (f *frame) pathOf(file *value.Value) *value.Value {
	if file == nil || len(file.Objs) != 1 {
		return nil
	}
	k, ok := keyOf(&file.Objs[0])
	if !ok {
		return nil
	}
	if o := f.object(k); o != nil {
		if c := o.find(cellAttr, "name", ir.Const{}); c != nil {
			return c.value
		}
	}
	return nil
}

// writesFile keeps what a call writes into a file of a known name.
func (f *frame) writesFile(e *models.Entry, recv *value.Value, args []arg, node ast.NodeID) {
	var path, text *value.Value
	switch e.Path {
	case "io.TextIOWrapper.write", "io.TextIOWrapper.writelines":
		path, text = f.pathOf(recv), firstArg(args)
	case "pathlib.Path.write_text", "pathlib.Path.write_bytes":
		path, text = recv, firstArg(args)
	case "json.dump", "pickle.dump", "yaml.dump", "yaml.safe_dump", "toml.dump":
		if len(args) > 1 {
			// What a library writes down is read as values again, never as something to run.
			path, text = f.pathOf(args[1].v), value.Clear(taintOnly(f.deep(args[0].v)), models.Kinds(models.Deserialize, models.XML, models.Archive, models.Decompress))
		}
	default:
		return
	}
	if name := fileName(path); name != "" && text != nil {
		f.keep(place{inFile, name}, text, node)
	}
}

// isForWriting: the call opens a file to write it.
func isForWriting(args []arg) bool {
	for i, a := range args {
		if i == 1 && a.kind == ir.ArgPos || a.kind == ir.ArgKeyword && a.name == "mode" {
			mode, ok := oneStr(a.v)
			return ok && strings.ContainsAny(mode, "wax")
		}
	}
	return false
}
