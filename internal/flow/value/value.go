// Package value is the abstract domain of the flow engine: what a Python expression may be.
//
// Values are immutable: an operation returns a new Value or one of its operands. A nil *Value means "unreachable" (the
// bottom of the lattice); Unknown is its top. Everything here is a pure function and safe for concurrent use.
package value

import (
	"math/bits"

	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/source"
)

// Limits of one value. Past them it widens: consts to "not constant", objects to "anything", a skeleton's tail to a hole.
const (
	MaxConsts   = 4
	MaxObjs     = 8
	MaxSkeleton = 8
	MaxLabels   = 12
)

// Value is what an expression may be: a product of independent views. A view that is empty says nothing, except that
// Consts with IsConst lists every possible value.
type Value struct {
	Objs  []Obj   // sorted by Less, at most MaxObjs; nil when IsConst or nothing is known
	Taint []Label // sorted by origin, one per origin
	// Type is the Python or library type where it is known and says more than Objs: "str", "int", "bool", "bytes",
	// "list", "flask.Request", … It speaks of the value unless that is None.
	Type    string
	Str     *Skeleton
	more    *more
	IsConst bool
	AnyObj  bool // it may also be an object that Objs does not list
	// Loose: beside Objs it may be a constant or text. AnyObj includes that, so Loose stands only without it.
	Loose bool
	// NoText: whatever it is, it is no text and no attacker's, so that joining it with text keeps the text's skeleton.
	NoText bool
	Marks  Marks
	// Facts hold on every path: how a path was normalised.
	Facts Facts
}

// Facts are things known about the text of a value whatever it holds.
type Facts uint16

// Facts.
const (
	FactNormalized  Facts = 1 << iota // no ".." can climb: os.path.normpath, abspath
	FactReal                          // links resolved as well: os.path.realpath, Path.resolve
	FactBasename                      // no separator: os.path.basename, Path.name
	FactNoClimb                       // no ".." in it
	FactRelative                      // it does not begin with a separator
	FactAbsolute                      // it begins with a separator or a drive: os.path.abspath, Path.resolve
	FactOpens                         // it begins with a single quote
	FactCloses                        // it ends with one
	FactHollow                        // between its first and last character stands none
	FactOpensDouble                   // the same for double quotes
	FactClosesDouble
	FactHollowDouble
	FactNoStar    // none of the characters that mean something in an LDAP filter: *
	FactNoOpen    // (
	FactNoShut    // )
	FactValidated // a form that was validated, and its fields
)

// How tells derivations apart.
type How uint8

// Derivations.
const (
	HowNone         How = iota
	HowURL              // urllib.parse.urlparse(x), urlsplit(x)
	HowNetloc           // … .netloc
	HowHostname         // … .hostname
	HowScheme           // … .scheme
	HowURLPath          // … .path
	HowPath             // a normalised form of path x
	HowCommon           // os.path.commonpath of a list that holds x
	HowCommonPrefix     // os.path.commonprefix of a list that holds x
	HowBasename         // os.path.basename(x), Path(x).name
	HowCase             // x.strip(), x.lower(): the same text but for case and surrounding space
	HowJoinedURL        // urljoin(const, x)
	HowMatch            // the result of re.match and the like: None when x did not match
	HowPattern          // re.compile(x)
	HowParents          // Path.parents of x
	HowSplit            // x.split(…): the pieces of a text
	HowStr              // str(x) of a path: what is true of the text is true of the path
	HowInner            // x[1:-1]
	HowPrivate          // x.is_private of an address
	HowGlobal           // x.is_global of one
	HowDir              // os.path.dirname(x), Path(x).parent
	HowRelative         // os.path.relpath(x, base)
	HowJoin             // join(Arg, x): x is the one part that is not the program's own
	HowBelow            // x, of which is known that join(Arg, x) stays below its folder
	HowMAC              // hmac.new(key, x), as an object or as text
	HowTable            // str.maketrans(…, x, …): Missed are the characters that it takes out
)

// Derived is the step that made a value out of another one.
type Derived struct {
	How How
	Of  *Value
	// Kinds and Weak are of HowMatch: what a match clears, and how it falls short.
	Kinds models.KindSet
	Weak  *WeakGuard
	// Missed is of HowMatch too: the class of characters that a text holds nothing but, when nothing was found.
	// Of HowTable it is the characters that go.
	Missed string
	Arg    *Value // the other operand: the list's other paths, the base
}

// ObjKind tells objects apart.
type ObjKind uint8

// Objects.
const (
	ObjFunc     ObjKind = iota // Func
	ObjClass                   // Class
	ObjModule                  // the module of the program whose body is Func
	ObjExternal                // Path: something of a library, such as "subprocess.run"
	ObjInstance                // an instance of Class, allocated at Site
	ObjLibrary                 // an instance of library type Path, allocated at Site, such as "flask.Flask"
	ObjSite                    // a collection allocated at Site; Path is its type: "list", "dict", "tuple", "set", "generator"
	ObjBound                   // method Func bound to *Recv
	ObjMember                  // member Name of *Recv that is not a program function: a builtin or library method
	ObjParam                   // what the caller passed as parameter Param of Func, then the attributes of Path
	ObjPartial                 // functools.partial of *Recv with bound arguments
)

// Site is an allocation site: an instruction's place, and the call chain's hash where a callee was specialised.
type Site struct {
	Func    ir.FuncID
	Node    ast.NodeID
	Context uint32
}

// Obj is one thing that a value may be.
type Obj struct {
	Kind  ObjKind
	Func  ir.FuncID
	Class ir.ClassID
	Param int32
	Site  Site
	Path  string
	Name  string
	Recv  *Value
	Entry *models.Entry // of Path, when the models know it
}

// EnvRef is an environment variable read: os.environ["NAME"], os.getenv("NAME", default).
type EnvRef struct {
	Name       string
	Default    *Value
	HasDefault bool
}

// OriginKind tells where taint comes from.
type OriginKind uint8

// Origins.
const (
	// OriginParam is symbolic: whatever the caller passes.
	OriginParam OriginKind = iota
	// OriginSource is a read of a source that the models know.
	OriginSource
)

// Origin identifies where taint comes from. It is comparable.
type Origin struct {
	Kind   OriginKind
	Source models.SourceKind
	Func   ir.FuncID  // of the parameter, or the function that reads the source
	Param  int32      // OriginParam: its index
	Node   ast.NodeID // OriginSource: the expression
	// Name is for people where the origin is a source, such as `request.args["q"]`; of a parameter it is the attribute path
	// below it, such as "form.next".
	Name string
}

// Label is one taint: where it comes from, which sink kinds it was cleared for, and how it got here.
type Label struct {
	Origin  Origin
	Cleared models.KindSet
	Trace   *Step // newest step first; nil at the origin
	Marks   Marks
	// Own is the number of a function, plus one, when the label was read from an attribute of whatever instance that function
	// is called with. Who calls it with a certain instance reads the attribute there.
	Own  uint32
	weak *[]WeakGuard // nil when there are none, which is nearly always
}

// Weak names guards that were passed and do not suffice, with the input that defeats each.
func (l *Label) Weak() []WeakGuard {
	if l.weak == nil {
		return nil
	}
	return *l.weak
}

// AddWeak adds guards that do not suffice.
func (l *Label) AddWeak(ws []WeakGuard) {
	if len(ws) > 0 {
		l.setWeak(joinWeak(l.Weak(), ws))
	}
}

func (l *Label) setWeak(ws []WeakGuard) {
	l.weak = nil
	if len(ws) > 0 {
		kept := ws // so that none is allocated for none
		l.weak = &kept
	}
}

// WeakGuard is a check that was made and does not suffice.
type WeakGuard struct {
	Func    ir.FuncID
	Node    ast.NodeID
	Kind    models.SinkKind
	Name    string // what was checked, in a few words
	Defeats string // an input that passes it
	// Closed is of the comparison of a path's beginning: the base ends with a separator.
	Closed bool
}

// Step is one step of a flow. With Callee it stands for all steps of a callee, on top of Prev.
type Step struct {
	Prev   *Step
	Callee *Step
	Func   ir.FuncID
	Node   ast.NodeID
	Note   string
	Len    int32
}

// NoteUnknownCall is the note of a step through a callee that nobody knows. Each such step is one more guess, so rules count
// them.
const NoteUnknownCall = "through a call whose effect is not known"

// UnknownCalls counts the steps of a label's trace that went through a callee nobody knows.
func (l *Label) UnknownCalls() int {
	n := 0
	for s := l.Trace; s != nil; s = s.Prev {
		if s.Note == NoteUnknownCall {
			n++
		}
	}
	return n
}

// Guesses counts the approximations on the way of a label: every call that nobody knows, and every other kind once. A method
// that was found by its name alone counts twice, what another request wrote under a name counts once.
func (l *Label) Guesses() int {
	n := l.UnknownCalls() + bits.OnesCount16(uint16(l.Marks&^MarkUnknownCall))
	if l.Marks&MarkNamesake != 0 {
		n++
	}
	if l.Origin.Source == models.Written {
		n++
	}
	return n
}

// Marks are the approximations that a value went through. They lower the confidence of a finding and write its
// false-positive notes.
type Marks uint16

// Marks.
const (
	MarkUnknownCall Marks = 1 << iota // through a callee nobody knows
	MarkWidened                       // a limit of the domain
	MarkWeakUpdate                    // out of a cell that holds several things
	MarkDynamic                       // through dynamic dispatch that was guessed
	MarkBudget                        // an analysis budget was hit
	MarkGlobal                        // through a module-level variable or captured variable, order unknown
	MarkNamesake                      // into a method that was found by its name alone
	MarkSession                       // out of the session, where another request of the same visitor left it
)

// Skeleton is what is known of a string's shape: literal parts and holes. "SELECT * FROM t WHERE n = '" ◦ "'" tells a
// rule that the hole stands in SQL quotes; "https://api.example/" ◦ tells that the host is fixed.
type Skeleton struct {
	Parts []Part // at most MaxSkeleton; no two literals are adjacent; empty means the empty string
}

// Part is a literal, or a hole with the taint that fills it.
type Part struct {
	IsHole bool
	Lit    string
	Taint  []Label // of a hole
	// NoSlash, IsNumber say what the hole cannot be.
	IsNumber bool
	NoSlash  bool
	// NoClimb: no ".." stands in it, as a check has shown.
	NoClimb bool
	// Resets: an absolute path in this hole replaces all that stands before it (os.path.join, Path / x).
	Resets bool
	// Param is what fills the hole when that is exactly a parameter of the function, for callers to put their argument in.
	Param ParamRef
	Node  ast.NodeID
	Span  source.Span
}

// ParamRef names a parameter; the zero value names none.
type ParamRef struct {
	Func  ir.FuncID
	Index int32 // its position, from 1
}
