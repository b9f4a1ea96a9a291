// Package models holds what is known about libraries: which attributes are sources, which calls are sinks, what cleans a value,
// how values pass through a call, what type a call returns.
//
// In go TOML files (models/python/*.toml and a user's own stopper.models.toml); out comes an immutable Set that is asked by
// dotted public path ("sqlite3.Cursor.execute", "flask.request"). Instances are written as "Type.member". Loading is strict:
// an unknown key, a malformed path or a repeated row is an error with file and line. The package knows no engine; a Set may
// be read by any number of goroutines at once.
package models

// Source says that a value comes from outside.
type Source struct {
	Kind SourceKind
	Name string // for people: "request.args"
}

// Values of ArgSel.Pos that are no position.
const (
	NoPos    = -1 // the argument has no position (keyword, self, any)
	EveryPos = -2 // every positional argument from ArgSel.Min on
)

// ArgSel selects arguments of a call. "0|sql" is {Pos: 0, Name: "sql"}. The element forms are about a list or tuple that is
// given there; where a plain value is given instead (a string as the command of subprocess.run), First and Elem mean the value
// itself, and Rest and Key mean nothing. A list whose elements are not known apart counts as First and as Rest.
type ArgSel struct {
	Pos   int    // NoPos, EveryPos, or the zero-based position, self not counted
	Name  string // keyword, "" when there is none
	Self  bool   // the receiver
	Any   bool   // every positional and keyword argument
	Elem  bool   // "0[]": the elements of the list or tuple, or the values of the dict
	First bool   // "0[0]": its first element
	Rest  bool   // "0[1:]": all elements but the first
	Key   string // "headers[Location]": one entry of the dict, compared without case
	Min   int    // "1*" is {Pos: EveryPos, Min: 1}
}

// CondOp is how a condition compares.
type CondOp uint8

// The comparisons of a condition.
const (
	CondEqual    CondOp = iota // k=v: equals one of the alternatives
	CondContains               // k~v: the text contains one of the alternatives
	CondPresent                // k: the argument is given, whatever its value; "!k" (Negate): it is not given
)

// Cond restricts a row by the value of another argument. All conditions of a row must hold.
type Cond struct {
	Arg     string // keyword name, "" when the argument is positional only
	Pos     int    // position, NoPos when keyword only
	Key     string // "2|headers[Content-Type]?~html": one entry of the dict given there, compared without case
	Op      CondOp
	Value   string // "True" "False" "None" or literal text; alternatives separated by '|'
	Negate  bool   // the comparison must not hold
	Missing bool   // "k?=v": holds also when the argument is absent
}

// Sink is an argument that must not be the attacker's. On Entry.Assign, Arg 0 is the value assigned.
type Sink struct {
	Kind  SinkKind
	Arg   ArgSel
	Conds []Cond
	Note  string // one sentence for the finding, "" when there is nothing to add
}

// Sanitizer says that the call's result is clean of Kinds as far as it comes from From.
// On an attribute (Path.name), From is Self and reading it cleans.
type Sanitizer struct {
	Kinds KindSet
	From  ArgSel
	Conds []Cond
	Note  string // a caveat: "returns None for a bad path"
}

// Guard says that a call is a check: after it returned True (or, with Raises, after it returned at all) Arg is clean of Kinds.
type Guard struct {
	Kinds  KindSet
	Arg    ArgSel
	Raises bool
	Negate bool // clean when it returned False
}

// Flow is a step of a known call: what From holds reaches To, or the result.
type Flow struct {
	From, To ArgSel
	ToReturn bool
}

// Callback says that the call runs a function it is given.
type Callback struct {
	Func   ArgSel
	Args   []ArgSel // passed as positional arguments, in this order
	Spread ArgSel   // a tuple or list whose elements are the positional arguments; Pos NoPos without Name: none
	Kwargs ArgSel   // a dict that holds the keyword arguments; likewise
	Rest   int      // positional arguments of the call from here on, and its further keywords, are passed through; -1: none
}

// Store says that a call keeps values under a name, or finds what was kept there. On a class it says that its instances do so as
// mappings, by their items and the methods of a dict.
type Store struct {
	Place   string // for people: "the cache"; names of one place meet
	Words   Words
	Key     ArgSel
	Field   ArgSel  // a second name below the key
	Value   ArgSel  // what is kept
	Mapping ArgSel  // a dict of what is kept, by field, or by key where the row has none
	Finds   bool    // the result is what was kept
	Kinds   KindSet // what is kept is harmless for these: it is written down as data
}

// Words says whose words those are that another request finds.
type Words uint8

// Whose words.
const (
	WordsWritten    Words = iota // of whoever wrote them
	WordsOwn                     // of the same visitor
	WordsSetting                 // settings, which choose folders and hosts
	WordsAttributes              // not kept beyond the request: the keys are attributes of the object
)

// FilePlace is the place of files: the key is their path, or an open file.
const FilePlace = "file"

// Check says what a field or a validator, which the call makes, leaves of a value that passes it.
type Check struct {
	Kinds   KindSet // the value is clean of these
	Pattern ArgSel  // a regular expression that it matches
	By      string  // how it is matched: "match", "search" or "fullmatch" of Python's re, or "rust", where "$" is the end alone
	Inner   ArgSel  // what asks the value further: functions that raise, other validators, lists of them
	Each    ArgSel  // what the elements of the value pass
	Keys    ArgSel  // what its keys pass
	Values  ArgSel  // what stands under them passes
	Makes   ArgSel  // a function that makes the value out of what came in
	Schema  ArgSel  // the fields of a value that has fields itself
	Asks    Asks    // how functions are asked
	Conds   []Cond
}

// Asks says how a library asks functions about a value.
type Asks uint8

// Ways to ask.
const (
	AsksValue Asks = iota // with the value; they raise, and what they return is ignored
	AsksTruth             // with the value; they raise or return False
	AsksField             // with the form and the field; they raise
)

// Loading says that the result of a call has the fields that a schema declares, and no others.
type Loading struct {
	Schema ArgSel // what declares them: a class or instance, a dict of fields, a parser
	From   ArgSel // what their values are taken out of; none: the call's own result
	Makes  bool   // the result is an instance of the class that declares them, not a dict
}

// Injection says that the call makes a decorator which passes parts of the request to the function.
type Injection struct {
	Schema  ArgSel // what declares the parts; none: the annotations of parameters do, by the class of a model
	ByName  bool   // each field is an argument of its name
	AsNames Cond   // so are they where this holds; without an argument it never does
}

// Hook says what a method of a schema does that the call, as a decorator, takes over. Arguments of the call that are texts name
// the fields that it is about.
type Hook uint8

// Hooks.
const (
	NoHook     Hook = iota
	HookValue       // it is given the value of a field, and gives it back
	HookTruth       // it is given the value of a field, and raises when that is wrong
	HookWhole       // it is asked about all fields at once, and raises
	HookInput       // it checks or changes what comes in, before the fields are asked
	HookResult      // it makes the result out of the fields
)

// Entry is everything known about one path.
type Entry struct {
	Path        string
	IsType      bool    // a class: calling it makes an instance
	Type        string  // type of the attribute's value
	Returns     string  // type of the call's result; for a class the class itself
	ReturnsSelf bool    // the call returns its receiver
	Elem        string  // type of what iterating over, indexing or awaiting the attribute's value or the call's result yields, "" unknown
	AttrSource  *Source // reading the attribute yields the outside's words
	CallSource  *Source // the call's result does
	Sinks       []Sink
	Assign      []Sink // assigning to the attribute
	Sanitizers  []Sanitizer
	Guards      []Guard
	Flows       []Flow
	FlowKnown   bool // nothing flows except Flows (and what Sanitizers clean); else all arguments reach the result, with a mark
	NoReturn    bool
	Event       bool // the flow engine records calls of it, or assignments when it is an attribute, for the framework model
	Callbacks   []Callback
	Checks      []Check
	IsSpec      bool // the call makes a field or validator: it or a base class has Checks
	Loading     *Loading
	Store       *Store
	Contents    bool // the result holds what the file holds that is opened
	Hook        Hook
	Injects     *Injection
	Const       string // the constant text the attribute holds
	HasConst    bool
	Doc         string // URL of the manual
}
