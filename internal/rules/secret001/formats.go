package secret001

import (
	"regexp"
	"strings"
)

// match is a credential in a text.
type match struct {
	slug, what string
	start, end int
}

// format is a kind of credential that gives itself away. Its pattern is tried only where a hint stands.
type format struct {
	slug, what string
	hints      []string
	pattern    *regexp.Regexp
}

const googleKey = "a Google API key"

var formats = [...]format{
	{"token", "an AWS access key", []string{"AKIA", "ASIA"}, regexp.MustCompile(`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`)},
	{"token", "a GitHub token", []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"}, regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b`)},
	{"token", "a GitLab token", []string{"glpat-"}, regexp.MustCompile(`\bglpat-[\w-]{20,}`)},
	{"token", "a Slack token", []string{"xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-"}, regexp.MustCompile(`\bxox[abprs]-[0-9]{8,}-[0-9A-Za-z-]{16,}`)},
	{"token", "a Slack webhook", []string{"hooks.slack.com"}, regexp.MustCompile(`hooks\.slack\.com/services/T[0-9A-Z]{8,}/B[0-9A-Z]{8,}/[0-9A-Za-z]{20,}`)},
	{"token", "a Stripe key", []string{"sk_live_", "rk_live_"}, regexp.MustCompile(`\b[sr]k_live_[0-9A-Za-z]{20,}`)},
	{"token", googleKey, []string{"AIza"}, regexp.MustCompile(`\bAIza[0-9A-Za-z_-]{35}\b`)},
	{"token", "a SendGrid key", []string{"SG."}, regexp.MustCompile(`\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}\b`)},
	{"token", "a PyPI token", []string{"pypi-AgEI"}, regexp.MustCompile(`\bpypi-AgEI[0-9A-Za-z_-]{50,}`)},
	{"token", "a Telegram bot token", []string{":AA"}, regexp.MustCompile(`\b[0-9]{8,10}:AA[0-9A-Za-z_-]{33}\b`)},
	{"private-key", "a private key", []string{"PRIVATE KEY-----"}, regexp.MustCompile(`-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[\sA-Za-z0-9+/=:,\\-]{100,}`)},
	{"url-password", "a password in an address", []string{"://"}, regexp.MustCompile(`\b[a-z][a-z0-9+]{1,20}://[\w.%-]{1,64}:[^\s:/@"'<>{}$*\[\]()]{6,128}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)},
}

// known finds the credentials of known formats in a text.
func known(text string) []match {
	if len(text) < shortest {
		return nil
	}
	var out []match
	for i := range formats {
		f := &formats[i]
		if !hinted(text, f.hints) {
			continue
		}
		for _, at := range f.pattern.FindAllStringIndex(text, maxMatches) {
			if s := text[at[0]:at[1]]; !harmless(f.slug, s) {
				out = append(out, match{f.slug, f.what, at[0], at[1]})
			}
		}
	}
	return out
}

// shortest is the length of the shortest credential: ab://c:123456@d.e
const shortest = 16

// maxMatches bounds what is told of one kind in one text.
const maxMatches = 5

func hinted(text string, hints []string) bool {
	for _, h := range hints {
		if strings.Contains(text, h) {
			return true
		}
	}
	return false
}

// harmless: examples of manuals, and addresses whose password is a word or whose host is nobody's.
func harmless(slug, s string) bool {
	l := strings.ToLower(s)
	if strings.Contains(l, "example") || strings.Contains(l, "xxxxxx") || strings.Contains(l, "000000000") || strings.Contains(l, "123456789") {
		return true
	}
	if slug != "url-password" {
		return false
	}
	_, rest, _ := strings.Cut(s, "://")
	login, host, _ := strings.Cut(rest, "@")
	user, password, _ := strings.Cut(login, ":")
	if isPlaceholder(password) || strings.EqualFold(user, password) || !mixed(password) {
		return true
	}
	for _, w := range [...]string{".local", ".test", ".internal", ".invalid", ".localhost", "127.0.0.1", "0.0.0.0", "domain.", "host.", "server."} {
		if strings.HasSuffix(host, w) || strings.HasPrefix(host, w) {
			return true
		}
	}
	return false
}
