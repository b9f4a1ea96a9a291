// Package visibility is the vocabulary for "can we see it?": the closed list of questions about an application that code
// alone may not answer, and the four answers there are.
//
// Rules ask a question and put the answer into a finding; the live prober answers the same questions on the wire. Both
// use the ids of this package, so that what one could not see names what the other must look at. All values are
// immutable.
package visibility

import "slices"

// Answer is what was found out. Absence is a value: "there is none" differs from "we cannot see".
type Answer uint8

const (
	// NotVisible means that whatever would answer lies outside the audited tree. The zero value is the humble one.
	NotVisible Answer = iota
	// Present means that there is evidence for it.
	Present
	// Absent means that every place where it could be was looked at, and it is not there.
	Absent
	// Conditional means that it depends on something, which the Reply names.
	Conditional
)

func (a Answer) String() string {
	return [...]string{"not visible", "present", "absent", "conditional"}[min(a, Conditional)]
}

// MarshalText writes the answer's name.
func (a Answer) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Reply is an answer with its grounds.
type Reply struct {
	Answer Answer
	// On is what a Conditional answer depends on: "the environment variable APP_ENV".
	On string
	// Where lists where the evidence is (Present), or where was looked (Absent, NotVisible).
	Where []string
}

// Question is one thing that only the running site, or its edge, may be able to tell.
type Question struct {
	ID string // "edge.tls"
	// Asks is the question in words, as a noun: it follows "not visible in app code:".
	Asks string
	// Settle is how to find out by hand.
	Settle string
	// Probe is the live check that finds out, empty when none can.
	Probe string
}

// The ids of the questions.
const (
	EdgeTLS           = "edge.tls"
	EdgeHeaders       = "edge.headers"
	EdgeHSTS          = "edge.hsts"
	EdgeBodyLimit     = "edge.body-limit"
	EdgeHost          = "edge.host"
	EdgeForwarded     = "edge.forwarded"
	EdgeRateLimit     = "edge.rate-limit"
	EdgeAuth          = "edge.auth"
	EdgeStatic        = "edge.static"
	ServerProduction  = "server.production"
	ServerDebug       = "server.debug"
	ServerWorkers     = "server.limits"
	EnvSecretKey      = "env.secret-key"
	EnvCookies        = "env.cookies"
	EnvTrustedHosts   = "env.trusted-hosts"
	EnvCredentials    = "env.credentials"
	NetworkEgress     = "network.egress"
	PlatformUpdates   = "platform.updates"
	PlatformScanning  = "platform.secret-scanning"
	RuntimeErrorPages = "runtime.error-pages"
	RuntimeRoutes     = "runtime.routes"
)

// Questions lists all questions, in the order a report asks them.
func Questions() []Question {
	return []Question{
		{ServerProduction, "which server runs the application in production", "Look at the start command of the running service.", "server-banner"},
		{ServerDebug, "whether debug mode is on where it runs", "Request a page that fails, and look for the interactive debugger; look at FLASK_DEBUG in the service's environment.", "debugger"},
		{ServerWorkers, "which limits the WSGI server sets", "Look at the server's command line and configuration file on the host.", ""},
		{EnvSecretKey, "the SECRET_KEY in use", "Check that the production environment sets it to at least 32 random bytes, different from every other environment.", "session-cookie-key"},
		{EnvCookies, "the cookie settings in use", "Log in over HTTPS and read the Set-Cookie header.", "cookies"},
		{EnvTrustedHosts, "the host names the application accepts", "Send a request with a made-up Host header; it must be refused.", "host-header"},
		{EnvCredentials, "which credentials the environment provides", "Look at the service's environment and its secret store.", ""},
		{EdgeTLS, "TLS at the edge", "Open the site over http:// and https://; the first must redirect to the second.", "tls"},
		{EdgeHSTS, "Strict-Transport-Security at the edge", "Read the header of an HTTPS response.", "headers"},
		{EdgeHeaders, "security headers added at the edge", "Read the headers of an HTML page, an error page and a static file.", "headers"},
		{EdgeBodyLimit, "the request size limit at the edge", "Look at the proxy's limit (nginx: client_max_body_size), or send a body that is too large.", "body-limit"},
		{EdgeHost, "host names accepted by the edge", "Look at the proxy's default server, or send a made-up Host header.", "host-header"},
		{EdgeForwarded, "what the edge does to X-Forwarded-* headers", "Look at the proxy's configuration: it must overwrite what clients send.", "forwarded"},
		{EdgeRateLimit, "rate limits at the edge", "Look at the proxy's or the firewall's configuration.", ""},
		{EdgeAuth, "authentication in front of the application", "Request the endpoint without credentials through the public address.", "auth"},
		{EdgeStatic, "how uploaded and static files are served", "Request an uploaded file and read Content-Type and Content-Disposition.", "static"},
		{NetworkEgress, "which addresses the server can reach", "Try the metadata address and an internal address from the server's network.", ""},
		{RuntimeErrorPages, "what error pages show", "Request a page that fails.", "error-pages"},
		{RuntimeRoutes, "endpoints registered only at run time", "Compare the output of `flask routes` in the running service with `stopper routes`.", ""},
		{PlatformUpdates, "how dependencies are kept up to date", "Look at the hosting platform's update settings.", ""},
		{PlatformScanning, "secret scanning on the hosting platform", "Look at the repository's security settings.", ""},
	}
}

// Find gives the question with an id.
func Find(id string) (Question, bool) {
	qs := Questions()
	i := slices.IndexFunc(qs, func(q Question) bool { return q.ID == id })
	if i < 0 {
		return Question{}, false
	}
	return qs[i], true
}

// Sentence says that something cannot be seen and how to settle it, for a finding's Settle field; empty for an unknown id.
func Sentence(id string) string {
	q, ok := Find(id)
	if !ok {
		return ""
	}
	return "Not visible in app code: " + q.Asks + ". " + q.Settle
}
