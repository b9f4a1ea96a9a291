package effects

import (
	"regexp"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// reader collects the effects of one body.
type reader struct {
	prog  *semantic.Program
	mod   *ir.Module
	file  *ast.File
	scope uint32
	id    ir.FuncID
	out   []Effect
	// usesFlaskWTF: some module of the program imports it.
	usesFlaskWTF bool
	// loginByHeader: the user of Flask-Login is the one that a header names.
	loginByHeader bool
	// looks are names of tokens, of Origin and of Referer. They are checks in a function that refuses; elsewhere a token is
	// handed out, and a Referer is the way back.
	looks []Effect
}

func (r *reader) add(k Kind, n ast.NodeID, what string) {
	r.out = append(r.out, Effect{k, r.id, n, what})
}

func (r *reader) walk(root ast.NodeID) {
	r.file.Walk(root, func(n ast.NodeID) bool {
		switch r.file.Kind(n) {
		case ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda:
			return n == root && r.file.Kind(n) == ast.Lambda
		case ast.Call:
			r.call(n)
		case ast.Raise:
			r.add(Refuses, n, "raises")
		case ast.Return:
			r.returns(n)
		case ast.Assign:
			for _, t := range r.file.ListA(n) {
				r.stores(ast.NodeID(t))
			}
			if r.path(r.file.SlotB(n)) == "flask.session" {
				r.add(AsksSession, n, "takes the session")
			}
		case ast.Delete:
			for _, t := range r.file.ListA(n) {
				r.deletes(ast.NodeID(t))
			}
		case ast.Name, ast.Attribute, ast.Subscript:
			r.reads(n)
		case ast.Constant:
			r.constant(n)
		case ast.Compare:
			r.compares(n)
		case ast.For:
			r.empties(n)
		}
		return true
	})
}

// path is where a dotted expression leads outside the program, "" inside it, with what it is called there.
func (r *reader) path(n ast.NodeID) string {
	if t := r.prog.ResolveNode(r.mod, r.scope, n); t.Kind == semantic.TargetExternal {
		if t.Rest != "" {
			return t.Path + "." + t.Rest
		}
		return t.Path
	}
	return ""
}

// Names and shapes that tell what a call does.
var (
	sessionLike   = regexp.MustCompile(`(?i)(^|[._])(session|sess|db|database|conn|connection|cnx|con|cursor|cur|transaction|tx|store|datastore)s?$`)
	identityKey   = regexp.MustCompile(`(?i)(user|uid|login|logged|auth|account|member|admin|identity|email|role|token|^id$|^name$)`)
	signInKey     = regexp.MustCompile(`(?i)^_?(user|user_?id|uid|user_?name|login|logged_?in|is_logged_in|account|account_?id|member|member_?id|email|auth|authenticated|authed|id|name|profile|identity)$`)
	credentialKey = regexp.MustCompile(`(?i)(authorization|api[-_]?key|token|auth|secret|signature)`)
	tokenText     = regexp.MustCompile(`(?i)(csrf|xsrf|x-requested-with|sec-fetch-site|^origin$|^referer$|^nonce$)`)
	writingSQL    = regexp.MustCompile(`(?is)^\s*(insert|update|delete|replace|drop|alter|create|truncate|merge)\b`)
	loginText     = regexp.MustCompile(`(?i)(log_?in|sign_?in|auth|unauthori)`)
	mailLike      = regexp.MustCompile(`(?i)mail(er)?$`)
	formLike      = regexp.MustCompile(`(?i)form$`)
	sessionItself = regexp.MustCompile(`(?i)(^|[._])session$`)
)

// Names that everything in a program is compared with, whatever their case.
var (
	identityNames = [...]string{"current_user", "logged_in_user", "current_identity", "current_account"}
	identityAttrs = [...]string{"user", "current_user", "identity", "account", "auth", "username", "user_id", "uid", "member", "player", "admin"}
	bodyAttrs     = [...]string{"authorization", "form", "files", "values", "data", "json", "get_data"}
)

// isOne reports whether a name is one of a list, whatever its case.
func isOne(name string, list []string) bool {
	for _, w := range list {
		if strings.EqualFold(name, w) {
			return true
		}
	}
	return false
}

// isDocumentWrite: a method that writes to a database, by a name that nothing else has.
func isDocumentWrite(name string) bool {
	switch name {
	case "insert_one", "insert_many", "update_one", "update_many", "replace_one", "delete_one", "delete_many", "find_one_and_update",
		"find_one_and_delete", "find_one_and_replace", "bulk_write", "delete_instance", "bulk_save_objects", "bulk_insert_mappings", "add_all":
		return true
	}
	return false
}

// isSharedCall: stop_downloads, set_owner.
func isSharedCall(name string) bool {
	verb, what, _ := strings.Cut(name, "_")
	if what == "" || what[0] < 'a' || what[0] > 'z' {
		return false
	}
	switch verb {
	case "delete", "remove", "update", "stop", "start", "restart", "kill", "abort", "cancel", "set", "clear", "purge", "toggle", "enable", "disable",
		"reset", "move", "rename", "save", "add", "create", "drop", "ban", "unban", "revoke", "approve", "reject":
		return true
	}
	return false
}

// byPath are effects of functions of libraries.
func byPath(path string) (Kind, string) {
	name := path[strings.LastIndexByte(path, '.')+1:]
	top, _, _ := strings.Cut(path, ".")
	switch top {
	case "flask_login", "flask_security", "flask_user":
		switch name {
		case "login_user":
			return SignIn, "signs somebody in"
		case "logout_user":
			return SignOut, "signs the user out"
		}
	case "flask_jwt_extended", "flask_jwt":
		switch name {
		case "verify_jwt_in_request", "get_jwt_identity", "get_jwt", "get_current_user", "current_user", "current_identity":
			return AsksHeader, "reads the bearer token"
		}
	case "flask", "werkzeug":
		if name == "abort" {
			return Refuses, "ends the request"
		}
	case "flask_wtf":
		if name == "validate_csrf" {
			return ChecksToken, "checks the CSRF token"
		}
	case "hmac":
		if name == "compare_digest" {
			return ChecksSecret, "compares a signature"
		}
	case "os", "shutil", "subprocess":
		switch path {
		case "os.remove", "os.unlink", "os.rmdir", "os.rename", "os.replace", "shutil.rmtree", "shutil.move":
			return File, "changes files"
		case "os.system", "subprocess.run", "subprocess.Popen", "subprocess.call", "subprocess.check_call", "subprocess.check_output":
			return File, "starts a program"
		}
	}
	return 0, ""
}

func (r *reader) call(n ast.NodeID) {
	fn := r.file.SlotA(n)
	if path := r.path(fn); path != "" {
		if k, what := byPath(path); k != 0 {
			r.add(k, n, what)
			return
		}
		if r.sessionCall(n, path) {
			return
		}
	}
	switch r.file.Kind(fn) {
	case ast.Name:
		r.plainCall(n, r.file.IdentOf(fn))
	case ast.Attribute:
		r.method(n, r.file.SlotA(fn), r.file.IdentOf(fn))
	}
}

// sessionCall judges methods of flask.session, and reading from the request.
func (r *reader) sessionCall(n ast.NodeID, path string) bool {
	switch path {
	case "flask.session.clear":
		r.add(Renews|SignOut, n, "clears the session")
	case "flask.session.pop":
		if key, ok := r.firstText(n); ok {
			r.takes(key, n)
		}
	case "flask.session.get":
		if key, ok := r.firstText(n); !ok || identityKey.MatchString(key) {
			r.add(AsksSession, n, "reads the session")
		}
	case "flask.request.headers.get":
		if key, ok := r.firstText(n); ok && credentialKey.MatchString(key) {
			r.add(AsksHeader|Unverified, n, "reads the header "+key)
		}
	case "flask.request.get_json":
		if r.file.Text(r.file.KeywordArg(n, "force")) == "True" { // takes what a form of another site sends as plain text
			r.add(ReadsForm, n, "reads JSON of any content type")
		} else {
			r.add(ReadsJSON, n, "reads JSON")
		}
	case "flask.request.cookies.get":
		r.add(AsksSession|Unverified, n, "reads a cookie")
	default:
		return false
	}
	return true
}

// plainCall judges f(): only what its name alone says.
func (r *reader) plainCall(n ast.NodeID, name string) {
	switch name {
	case "abort":
		r.add(Refuses, n, "ends the request")
	case "logout_user":
		r.add(SignOut, n, "signs the user out")
	case "login_user":
		r.add(SignIn, n, "signs somebody in")
	case "validate_csrf":
		r.add(ChecksToken, n, "checks the CSRF token")
	case "regenerate_session", "rotate_session":
		r.add(Renews, n, "renews the session")
	case "check_password_hash", "checkpw":
		r.add(ChecksSecret, n, "verifies a password")
	}
}

// method judges x.name().
func (r *reader) method(n, recv ast.NodeID, name string) {
	switch name {
	case "commit", "add", "delete", "merge", "add_all", "update", "send", "send_message", "sendmail", "invalidate", "validate_on_submit", "validate":
		r.methodOf(n, recv, name, r.file.Text(recv))
	case "save":
		if r.argCount(n) == 0 {
			r.add(Write, n, "saves a record")
		}
	case "execute", "executemany", "executescript":
		if sql, ok := r.firstText(n); ok && writingSQL.MatchString(sql) {
			r.add(Write, n, "writes to the database")
		}
	case "delay", "apply_async":
		r.add(Write, n, "starts a task")
	case "regenerate", "regenerate_session", "rotate_session", "cycle_key":
		r.add(Renews, n, "renews the session")
	case "destroy":
		if sessionItself.MatchString(r.file.Text(recv)) {
			r.add(Renews|SignOut, n, "ends the session")
		}
	case "unauthorized":
		r.add(Refuses, n, "refuses the caller")
	case "compare_digest", "check_password", "verify_password", "verify":
		r.add(ChecksSecret, n, "verifies a secret")
	default:
		if isDocumentWrite(name) {
			r.add(Write, n, "changes records of the database")
		} else if isSharedCall(name) && !strings.HasSuffix(name, "_cookie") {
			r.add(Shared, n, "calls "+name)
		}
	}
}

// methodOf judges those whose meaning depends on what they are called on.
func (r *reader) methodOf(n, recv ast.NodeID, name, on string) {
	switch name {
	case "commit":
		if sessionLike.MatchString(on) {
			r.add(Write, n, "commits to the database")
		}
	case "add", "delete", "merge", "add_all":
		if sessionLike.MatchString(on) && r.path(recv) != "flask.session" || strings.Contains(on, ".query") || strings.Contains(on, ".filter") || strings.Contains(on, ".objects") {
			r.add(Write, n, "changes rows of the database")
		} else if name == "delete" && r.argCount(n) == 0 {
			r.add(Write, n, "deletes a record")
		}
	case "update":
		if strings.Contains(on, ".query") || strings.Contains(on, ".filter") {
			r.add(Write, n, "changes rows of the database")
		}
	case "send", "send_message", "sendmail":
		if name == "sendmail" || mailLike.MatchString(on) {
			r.add(Write, n, "sends mail")
		}
	case "invalidate":
		if sessionLike.MatchString(on) {
			r.add(Renews, n, "renews the session")
		}
	case "validate_on_submit", "validate":
		// validate_on_submit is Flask-WTF's alone; validate is that of any form, and only Flask-WTF's checks a token.
		if formLike.MatchString(on) && (name == "validate_on_submit" || r.usesFlaskWTF) && r.checksToken(recv) {
			r.add(ChecksToken, n, "checks the form's token")
		}
	}
}

// argCount counts positional arguments.
func (r *reader) argCount(call ast.NodeID) int {
	n := 0
	for _, a := range r.file.ListB(call) {
		if r.file.Kind(ast.NodeID(a)) != ast.Keyword {
			n++
		}
	}
	return n
}

// firstText is the first argument when it is a literal text; text("…") around it does not matter.
func (r *reader) firstText(call ast.NodeID) (string, bool) {
	args := r.file.ListB(call)
	if len(args) == 0 {
		return "", false
	}
	first := ast.NodeID(args[0])
	if r.file.Kind(first) == ast.Call {
		return r.firstText(first)
	}
	return r.file.Str(first)
}

// returns judges `return redirect(url_for("login"))` and `return …, 401`.
func (r *reader) returns(n ast.NodeID) {
	v := r.file.SlotA(n)
	if v == 0 {
		return
	}
	text := r.file.Text(v)
	switch r.file.Kind(v) {
	case ast.Tuple:
		if strings.HasSuffix(text, "401") || strings.HasSuffix(text, "403") || strings.HasSuffix(text, "401)") || strings.HasSuffix(text, "403)") {
			r.add(Refuses, n, "answers that access is denied")
		}
	case ast.Call:
		if strings.Contains(text, "redirect") && loginText.MatchString(text) || strings.Contains(strings.ToLower(text), "unauthorized") ||
			strings.Contains(strings.ToLower(text), "forbidden") || strings.Contains(text, "401") || strings.Contains(text, "403") {
			r.add(Refuses, n, "sends the caller away")
		}
	}
}

// stores judges session["user_id"] = ….
func (r *reader) stores(target ast.NodeID) {
	if key, ok := r.sessionKey(target); ok && signInKey.MatchString(key) {
		r.add(SignIn, target, "writes "+key+" into the session")
	}
	r.shared(target)
}

// shared judges store.data["key"] = … and del store.data["key"].
func (r *reader) shared(target ast.NodeID) {
	base := target
	for r.file.Kind(base) == ast.Subscript {
		base = r.file.SlotA(base)
	}
	if base == target || r.file.Kind(base) != ast.Attribute {
		return
	}
	switch name := r.file.IdentOf(base); {
	case strings.HasPrefix(r.path(base), "flask."), name == "headers", name == "environ", name == "cookies", name == "config":
	default:
		r.add(Shared, target, "changes "+r.file.Dotted(base))
	}
}

func (r *reader) deletes(target ast.NodeID) {
	if key, ok := r.sessionKey(target); ok {
		r.takes(key, target)
	}
	r.shared(target)
}

// takes judges a key that is taken out of the session.
func (r *reader) takes(key string, n ast.NodeID) {
	k := Takes
	if identityKey.MatchString(key) {
		k |= SignOut
	}
	r.add(k, n, TakesText+key)
}

// TakesText stands before the key in the words of a Takes.
const TakesText = "takes out of the session: "

// empties judges for key in list(session): session.pop(key).
func (r *reader) empties(loop ast.NodeID) {
	if !r.mentionsSession(r.file.SlotB(loop)) {
		return
	}
	for _, s := range r.file.Body(loop) {
		r.file.Walk(ast.NodeID(s), func(n ast.NodeID) bool {
			isPop := r.file.Kind(n) == ast.Call && r.path(r.file.SlotA(n)) == "flask.session.pop"
			if isPop || r.file.Kind(n) == ast.Delete && r.mentionsSession(n) {
				r.add(Renews|SignOut, loop, "clears the session")
				return false
			}
			return true
		})
	}
}

func (r *reader) mentionsSession(root ast.NodeID) bool {
	found := false
	r.file.Walk(root, func(n ast.NodeID) bool {
		if k := r.file.Kind(n); k == ast.Name || k == ast.Attribute {
			found = found || r.path(n) == "flask.session"
		}
		return !found
	})
	return found
}

// sessionKey is the key of session["key"].
func (r *reader) sessionKey(n ast.NodeID) (string, bool) {
	if r.file.Kind(n) != ast.Subscript || r.path(r.file.SlotA(n)) != "flask.session" {
		return "", false
	}
	return r.file.Str(r.file.SlotB(n))
}

// reads judges who is asked for.
func (r *reader) reads(n ast.NodeID) {
	if r.file.Ctx(n) != ast.Load {
		return
	}
	switch r.file.Kind(n) {
	case ast.Name:
		if name := r.file.IdentOf(n); isOne(name, identityNames[:]) {
			if strings.HasPrefix(r.path(n), "flask_jwt") {
				r.add(AsksHeader, n, "reads the bearer token")
				return
			}
			if r.loginByHeader && name == "current_user" {
				r.add(AsksHeader, n, "asks whom the header names")
				return
			}
			if r.prog.IsLocal(r.mod, r.scope, n) { // passed in, or found out here by whatever means
				r.add(AsksCaller, n, "asks for "+name)
				return
			}
			r.add(AsksSession, n, "asks for "+name)
		}
	case ast.Attribute:
		name := r.file.IdentOf(n)
		if k, what := loginProxy(r.path(n)); k != 0 { // flask_login.current_user
			if r.loginByHeader {
				k = AsksHeader
			}
			r.add(k, n, what)
			return
		}
		isIdentity := isOne(name, identityAttrs[:]) || strings.HasSuffix(name, "_user")
		if !isIdentity && !isOne(name, bodyAttrs[:]) {
			return
		}
		switch path := r.path(n); {
		case path == "flask.request.authorization":
			r.add(AsksHeader, n, "reads the Authorization header")
		case strings.HasPrefix(path, "flask.g.") && isIdentity:
			r.add(AsksCaller, n, "asks for "+r.file.Dotted(n))
		case path == "flask.request.form", path == "flask.request.files", path == "flask.request.values", path == "flask.request.data", path == "flask.request.get_data":
			r.add(ReadsForm, n, "reads the form")
		case path == "flask.request.json":
			r.add(ReadsJSON, n, "reads JSON")
		}
	case ast.Subscript:
		if k := r.file.Kind(r.file.SlotA(n)); k != ast.Name && k != ast.Attribute {
			return
		}
		switch key, ok := r.file.Str(r.file.SlotB(n)); r.path(r.file.SlotA(n)) {
		case "flask.session":
			if !ok || identityKey.MatchString(key) {
				r.add(AsksSession|NeedsSession, n, "reads the session")
			}
		case "flask.request.cookies":
			r.add(AsksSession|Unverified, n, "reads a cookie")
		case "flask.request.headers":
			if ok && credentialKey.MatchString(key) {
				r.add(AsksHeader|Unverified, n, "reads the header "+key)
			}
		}
	}
}

// loginProxy are the users that login libraries hold ready, where the name is written behind that of the module.
func loginProxy(path string) (Kind, string) {
	switch path {
	case "flask_login.current_user", "flask_security.current_user", "flask_user.current_user":
		return AsksSession, "asks for current_user"
	}
	return 0, ""
}

// compares judges "user_id" in session.
func (r *reader) compares(n ast.NodeID) {
	key, ok := r.file.Str(r.file.SlotA(n))
	if !ok || !identityKey.MatchString(key) {
		return
	}
	r.file.Children(n, func(c ast.NodeID) {
		if r.path(c) == "flask.session" {
			r.add(AsksSession, n, "looks for "+key+" in the session")
		}
	})
}

// constant judges the name of an anti-forgery token or header, wherever it stands.
func (r *reader) constant(n ast.NodeID) {
	s, ok := r.file.Str(n)
	switch {
	case !ok || len(s) > 40 || len(s) < 5 && !strings.ContainsAny(s, "fF") || len(s) > 6 && !strings.ContainsAny(s, "fFqQ"):
		// None of the words that tokenText looks for.
	case tokenText.MatchString(s):
		r.looks = append(r.looks, Effect{ChecksToken, r.id, n, "looks at " + s})
	}
}
