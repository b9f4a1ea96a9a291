package trial

import (
	"cmp"
	"slices"
	"strings"

	"stopper/internal/bug"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// inside are addresses that a server must not fetch for a visitor, in the shapes by which checks were defeated: in other
// notations, behind a user name, as names that lead there.
var inside = [...]string{
	"http://127.0.0.1/", "https://127.0.0.1:8443/x", "http://localhost/", "http://LOCALHOST:5000/", "http://169.254.169.254/latest/",
	"http://10.0.0.5/", "http://172.16.0.9/", "http://192.168.1.1/", "http://127.9.9.9/", "http://0.0.0.0/", "http://[::1]/",
	"http://[::ffff:127.0.0.1]/", "http://[::ffff:a9fe:a9fe]/", "http://[fd00::5]/", "http://2130706433/", "http://0x7f000001/",
	"http://0177.0.0.1/", "http://127.1/", "http://internal.evil.example/", "http://metadata.evil.example/", "http://six.evil.example/",
	"http://www.example.com@127.0.0.1/", "http://www.example.com:80@169.254.169.254/", "HTTP://127.0.0.1/", "http://10.0.0.5/?www.example.com",
	"http://10.0.0.5/#www.example.com", "http://169.254.169.254/www.example.com",
}

// insideHosts and insideAddresses are the same for checks of a host name and of an address that the resolver gave.
var (
	insideHosts = [...]string{
		"127.0.0.1", "localhost", "169.254.169.254", "10.0.0.5", "172.16.0.9", "192.168.1.1", "127.9.9.9", "0.0.0.0", "::1",
		"::ffff:127.0.0.1", "fd00::5", "2130706433", "0x7f000001", "127.1", "internal.evil.example", "metadata.evil.example", "six.evil.example",
	}
	insideAddresses = [...]string{
		"127.0.0.1", "127.9.9.9", "169.254.169.254", "10.0.0.5", "172.16.0.9", "172.31.0.9", "192.168.1.1", "0.0.0.0", "::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.5", "fd00::5",
	}
)

// question is what a check is asked: one kind of text, in harmless and in harmful shapes.
type question struct {
	good, bad []string
	bare      bool // the texts are hosts
}

var questions = [...]question{
	{good: []string{"https://www.example.com/page", "http://www.example.com/"}, bad: inside[:]},
	{good: []string{"www.example.com"}, bad: insideHosts[:], bare: true},
	{good: []string{outside, "2606:2800:220:1::1"}, bad: insideAddresses[:], bare: true},
}

// Fetches tries out all functions of a program that look at what a server is told to fetch.
func Fetches(prog *semantic.Program, rep *bug.Reporter) map[ir.FuncID][]Verdict {
	out := map[ir.FuncID][]Verdict{}
	for _, m := range prog.Modules {
		if m.File == nil || m.IsTest || !mentionsHost(m.File) {
			continue
		}
		info := prog.Info(m)
		for i := range info.Funcs {
			node := info.Funcs[i].Node
			if k := m.File.Kind(node); k != ast.FunctionDef && k != ast.AsyncFunctionDef || length(m.File, node) > maxBody {
				continue
			}
			id := prog.FuncID(m, uint32(i))
			survive(prog, rep, id, func() {
				if t, ok := fetchTrial(prog, id, m.File, node); ok {
					if vs := t.ask(); len(vs) > 0 {
						out[id] = vs
					}
				}
			})
		}
	}
	return out
}

func length(f *ast.File, id ast.NodeID) uint32 {
	s := f.Span(id)
	return s.End - s.Start
}

// mentionsHost reports whether a file looks at hosts.
func mentionsHost(f *ast.File) bool {
	for _, name := range f.Names {
		switch name {
		case "ip_address", "ip_network", "IPv4Address", "getaddrinfo", "gethostbyname", "is_private", "is_global", "hostname", "netloc":
			return true
		}
	}
	return false
}

// fetchTrial finds the parameter that holds what is checked.
func fetchTrial(prog *semantic.Program, id ir.FuncID, f *ast.File, fn ast.NodeID) (*trial, bool) {
	t := &trial{prog: prog, id: id, param: -1, tank: maxFuel, ran: map[string][]outcome{}}
	for i, p := range f.Params(fn) {
		arg := ast.NodeID(p)
		name := strings.ToLower(f.IdentOf(arg))
		switch {
		case i == 0 && name == "self":
			t.before = append(t.before, &object{of: prog.ClassOf(id), attrs: map[string]any{}})
		case i == 0 && name == "cls":
			t.before = append(t.before, class{prog.ClassOf(id)})
		case f.ParamKindOf(arg) > ast.PosOrKeyword:
			if f.ParamKindOf(arg) == ast.KeywordOnly && f.SlotC(arg) == 0 {
				return nil, false
			}
		case t.param < 0 && holdsAddress(name):
			t.param = i
		case t.param < 0 && f.SlotC(arg) == 0:
			return nil, false
		case t.param >= 0 && f.SlotC(arg) == 0:
			return nil, false
		case t.param < 0:
			t.before = append(t.before, unknown{})
		}
	}
	return t, t.param >= 0
}

// holdsAddress: a parameter of this name is an address, a host, or part of one.
func holdsAddress(name string) bool {
	for _, w := range [...]string{"url", "uri", "host", "addr", "domain", "ip", "target", "link", "endpoint", "origin", "api_base", "site", "src", "value"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// Budgets of the trials of one function.
const (
	maxFuel  = 6_000   // steps until it is known that the function tells harmless from harmful texts
	maxMore  = 250_000 // steps from then on
	maxWays  = 48      // ways through the conditions on what is not known, of one text
	maxHosts = 6       // texts of the program that are tried as names of allowed hosts
)

// outcome is one way that a run may go.
type outcome struct {
	value  any
	raised bool
	sure   bool // no other way is possible
}

// outcomes are all ways that a run may go; none when that cannot be told.
func (t *trial) outcomes(to string) []outcome {
	if out, ok := t.ran[to]; ok {
		return out
	}
	out := t.ways(to)
	t.ran[to] = out
	return out
}

func (t *trial) ways(to string) []outcome {
	var plan []bool
	var out []outcome
	for more := true; more; {
		m := &machine{prog: t.prog, base: "https://" + site + "/", plan: plan}
		args := append(append(slices.Clone(t.before), to), t.after...)
		r := m.call(t.id, args, nil)
		t.fuel += m.steps
		if m.lost || t.fuel > t.tank || len(out) == maxWays {
			return nil
		}
		for _, s := range m.seen {
			if len(t.seen) < maxSeen && !slices.Contains(t.seen, s) {
				t.seen = append(t.seen, s)
			}
		}
		out = append(out, outcome{r, m.raised, m.asked == 0})
		plan, more = m.nextPlan()
	}
	return out
}

// ask finds out what a function checks, and what gets through. It says nothing of functions that let everything or nothing through.
func (t *trial) ask() []Verdict {
	var weak []Verdict
	for i := range questions {
		q := &questions[i]
		goods := slices.Clone(q.good)
		for n := 0; n < len(goods); n++ {
			near := t.outcomes(goods[n])
			for _, to := range t.plainest(q) {
				far := t.outcomes(to)
				if near == nil || far == nil {
					return weak
				}
				vs := t.judge(q, goods[n], near, far)
				if slices.ContainsFunc(vs, func(v Verdict) bool { return v.Defeats == "" }) {
					return vs
				}
				if weak == nil {
					weak = vs
				}
			}
			if n == len(q.good)-1 {
				goods = append(goods, t.hosts(q)...)
			}
		}
	}
	return weak
}

// plainest are the plainest harmful text, and the plainest that the program does not name itself.
func (t *trial) plainest(q *question) []string {
	for i, to := range q.bad {
		if !t.named(to, q.bare) {
			return slices.Compact([]string{q.bad[0], q.bad[i]})
		}
	}
	return q.bad[:1]
}

// named reports whether the program names the host of a text among those that it knows: what it lets through of them, it means to.
func (t *trial) named(to string, bare bool) bool {
	host := hostOf(to)
	if bare {
		host = to
	}
	return slices.ContainsFunc(t.seen, func(s string) bool { return strings.EqualFold(s, host) || strings.EqualFold(hostOf(s), host) })
}

// hostOf is the host of an address; "" when it is none.
func hostOf(s string) string {
	a, ok := split(s, "")
	if !ok {
		return ""
	}
	host, _ := a.hostPort()
	return host
}

// hosts are texts of the program's own that may name hosts which a check allows.
func (t *trial) hosts(q *question) []string {
	var out []string
	for _, s := range t.seen {
		host := hostOf(s)
		if host == "" {
			host = s
		}
		host = strings.TrimLeft(host, "*.")
		if !strings.Contains(host, ".") || isInside(host) || strings.ContainsAny(host, "/ %") {
			continue
		}
		if !q.bare {
			switch {
			case strings.Contains(s, "://"):
				host = s
			default:
				host = "https://" + host + "/"
			}
		}
		if !slices.Contains(out, host) && len(out) < maxHosts {
			out = append(out, host)
		}
	}
	return out
}

// disguised are harmful addresses that contain the name of an allowed host.
func disguised(good string, bare bool) []string {
	if bare {
		return []string{good + ".evil.example", "evil" + good}
	}
	a, ok := split(good, "")
	if !ok {
		return nil
	}
	scheme, host := a.scheme+"://", a.netloc
	return []string{
		scheme + host + ".evil.example/", scheme + "evil" + host, scheme + host + "@evil.example/", scheme + "evil.example/" + host,
		scheme + "evil.example/?" + host, scheme + "evil.example#" + host, scheme + "evil.example/" + good, scheme + host + ":80@evil.example/",
	}
}

// judge is what the function says of a harmless and of the plainest harmful text, and whether it says the same of all others.
func (t *trial) judge(q *question, good string, near, far []outcome) []Verdict {
	var out []Verdict
	for _, v := range answers(q, good, near) {
		if v.Answer != Address && !slices.ContainsFunc(near, v.accepts) || slices.ContainsFunc(far, v.accepts) {
			continue
		}
		v.Param, t.tank = t.param, maxMore
		if t.tryAll(q, good, &v) {
			out = append(out, v)
		}
	}
	return out
}

// tryAll asks about every harmful text; false when an answer cannot be told.
func (t *trial) tryAll(q *question, good string, v *Verdict) bool {
	bad := slices.Clone(q.bad)
	if !slices.Contains(q.good, good) {
		bad = append(disguised(good, q.bare), bad...)
	}
	for _, to := range bad {
		ways := t.outcomes(to)
		if ways == nil {
			return false
		}
		for _, o := range ways {
			if !v.accepts(o) || t.named(to, q.bare) {
				continue
			}
			v.Defeats = to
			return o.sure && (v.Answer != Denial || t.refusesFew(q, v))
		}
	}
	return true
}

// refusesFew: a public address is no reason to refuse. A function that says no to it asks whether the text is an address at all.
func (t *trial) refusesFew(q *question, v *Verdict) bool {
	to := outside
	if !q.bare {
		to = "http://" + outside + "/"
	}
	return slices.ContainsFunc(t.outcomes(to), v.accepts)
}

// answers are the ways in which the answer to a harmless text may be meant.
func answers(q *question, good string, near []outcome) []Verdict {
	out := []Verdict{{Answer: Returns, Elem: -1}, {Answer: Truth, Elem: -1}, {Answer: Denial, Elem: -1}}
	for _, o := range near {
		switch v := o.value.(type) {
		case string:
			if !q.bare && v != "" && (v == good || strings.HasPrefix(v, "http")) {
				out = append(out, Verdict{Answer: Address, Elem: -1})
			}
		case *list:
			for i := range min(len(v.elems), 3) {
				out = append(out, Verdict{Answer: Truth, Elem: i}, Verdict{Answer: Denial, Elem: i})
			}
		}
	}
	slices.SortFunc(out, func(a, b Verdict) int { return cmp.Or(cmp.Compare(a.Elem, b.Elem), cmp.Compare(a.Answer, b.Answer)) })
	return slices.Compact(out)
}

// accepts: by this answer the text may be used. What is not known may mean yes.
func (v *Verdict) accepts(o outcome) bool {
	if o.raised {
		return false
	}
	r := o.value
	if v.Elem >= 0 {
		l, ok := r.(*list)
		if !ok || v.Elem >= len(l.elems) {
			return isVague(r)
		}
		r = l.elems[v.Elem]
	}
	switch v.Answer {
	case Returns:
		return true
	case Address:
		s, ok := r.(string)
		return isVague(r) || ok && leadsInside(s)
	}
	m := machine{}
	yes := m.truth(r)
	return m.asked > 0 || yes == (v.Answer == Truth)
}

// leadsInside reports whether a client that fetches a text may end up where it should not.
func leadsInside(s string) bool {
	a, ok := split(s, "")
	if !ok || s == "" {
		return false
	}
	host, _ := a.hostPort()
	return isInside(host)
}
