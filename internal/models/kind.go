package models

import "math/bits"

// SinkKind says what kind of harm a value can do where it arrives. Rules speak of kinds; data files map libraries to them.
type SinkKind uint8

// The kinds, in the order of kindNames. The zero value is no kind.
const (
	NoKind SinkKind = iota
	SQL
	Shell
	Argv
	Program
	PathRead
	PathWrite
	HTML
	Template
	TemplateName
	Format
	URLFetch
	URLRedirect
	Header
	Cookie
	Deserialize
	Code
	XPath
	LDAP
	LDAPDN
	NoSQL
	Log
	Regex
	XML
	CSV
	Mail
	Archive
	SessionKey
	SetAttr
	Import
	MassAssign
	Secret
	Hash
	ContentType
	SessionValue
	// SingleQuote and DoubleQuote are no sinks: a text cleared for one holds none of these characters, so that it cannot end
	// a literal that the program put it in.
	SingleQuote
	DoubleQuote
	RegexSubject
	Decompress
	SecretName // a guessable value gets a name; the rule decides whether it is a secret's
	HTMLAttr   // a name in a tag, or a value without quotes
	HTMLURL    // the beginning of a URL that is followed or loaded
	HTMLScript // script, or a value that is decoded before it is read
	Algorithm  // how a signature is checked
	// PathParent is no sink: a text cleared for it is not "..", so that it does not climb where it names a folder. What takes the
	// separators out of a name clears PathRead and not this.
	PathParent
	// HTMLTag is no sink: a text cleared for it holds no "<", so that it opens no tag. Where it stands between quotes, those have to be
	// cleared besides.
	HTMLTag
	// MemberRoot and MemberClimb are no sinks: the names of the members of an archive cleared for them do not begin with a separator,
	// and hold no "..".
	MemberRoot
	MemberClimb
	// SQLQuote is no sink: every single quote in a text cleared for it is doubled, so that it does not end a literal of SQL that knows no
	// backslash.
	SQLQuote
	NumKinds // how many kinds there are, with NoKind
)

// kindNames is indexed by SinkKind; the names are what data files and rules write.
var kindNames = [NumKinds]string{
	"", "sql", "shell", "argv", "program", "path.read", "path.write", "html", "template", "template.name", "format",
	"url.fetch", "url.redirect", "header", "cookie", "deserialize", "code", "xpath", "ldap", "ldap.dn", "nosql", "log",
	"regex", "xml", "csv", "mail", "archive", "session-key", "setattr", "import", "mass-assign", "secret", "hash", "content-type",
	"session-value", "quote.single", "quote.double",
	"regex.subject", "decompress",
	"secret.name",
	"html.attr", "html.url", "html.script", "algorithm", "path.parent", "html.tag", "member.root", "member.climb",
	"quote.sql",
}

// String returns the name a data file uses, "" for NoKind.
func (k SinkKind) String() string {
	if k >= NumKinds {
		return ""
	}
	return kindNames[k]
}

// ParseSinkKind is the inverse of String; false for a name that is no kind.
func ParseSinkKind(name string) (SinkKind, bool) {
	for k := SQL; k < NumKinds; k++ {
		if kindNames[k] == name {
			return k, true
		}
	}
	return NoKind, false
}

// KindSet is a set of sink kinds.
type KindSet uint64

// AllKinds holds every kind: the value is no longer the attacker's at all.
const AllKinds KindSet = 1<<NumKinds - 2

// Kinds makes a set.
func Kinds(kinds ...SinkKind) KindSet {
	var s KindSet
	for _, k := range kinds {
		s = s.With(k)
	}
	return s
}

// With returns the set and k.
func (s KindSet) With(k SinkKind) KindSet {
	if k == NoKind || k >= NumKinds {
		return s
	}
	return s | 1<<k
}

// Has reports whether k is in the set.
func (s KindSet) Has(k SinkKind) bool { return s>>k&1 == 1 }

// Len counts the kinds in the set.
func (s KindSet) Len() int { return bits.OnesCount64(uint64(s)) }

// SourceKind says whose words a value holds.
type SourceKind uint8

// The source kinds. Remote is on by default, Stored counts with lower confidence, the rest is off unless asked for.
const (
	NoSource SourceKind = iota
	Remote
	Stored
	File
	Env
	CLI
	Guessable // from a generator whose output can be predicted: no danger by itself
	Written   // what one request wrote where another reads it: never of a row, the engine turns Remote into it
)

var sourceNames = [...]string{"", "remote", "stored", "file", "env", "cli", "guessable", "written"}

// String returns the name a data file uses.
func (k SourceKind) String() string {
	if int(k) >= len(sourceNames) {
		return ""
	}
	return sourceNames[k]
}

// ParseSourceKind is the inverse of String.
func ParseSourceKind(name string) (SourceKind, bool) {
	for k := Remote; k <= Guessable; k++ {
		if sourceNames[k] == name {
			return k, true
		}
	}
	return NoSource, false
}
