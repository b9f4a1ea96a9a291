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
	{"token", "a Stripe webhook secret", []string{"whsec_"}, regexp.MustCompile(`\bwhsec_[0-9A-Za-z+/]{24,}`)},
	{"token", "an OpenAI key", []string{"T3BlbkFJ"}, regexp.MustCompile(`\bsk-[0-9A-Za-z_-]{16,}T3BlbkFJ[0-9A-Za-z_-]{16,}`)},
	{"token", "an Anthropic key", []string{"sk-ant-"}, regexp.MustCompile(`\bsk-ant-[a-z0-9]{2,10}-[0-9A-Za-z_-]{80,}`)},
	{"token", "a Hugging Face token", []string{"hf_"}, regexp.MustCompile(`\bhf_[A-Za-z0-9]{30,40}\b`)},
	{"token", "a DigitalOcean token", []string{"dop_v1_", "doo_v1_", "dor_v1_"}, regexp.MustCompile(`\bdo[opr]_v1_[0-9a-f]{64}\b`)},
	{"token", "a Shopify token", []string{"shpat_", "shpca_", "shppa_", "shpss_"}, regexp.MustCompile(`\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b`)},
	{"token", "an npm token", []string{"npm_"}, regexp.MustCompile(`\bnpm_[0-9A-Za-z]{36}\b`)},
	{"token", "a client secret of Google", []string{"GOCSPX-"}, regexp.MustCompile(`\bGOCSPX-[0-9A-Za-z_-]{20,}`)},
	{"token", "a Mailgun key", []string{"key-"}, regexp.MustCompile(`\bkey-(?:[0-9]+[a-z]+|[a-z]+[0-9]+)[0-9a-z]*\b`)},
	{"token", "a Mailchimp key", []string{"-us"}, regexp.MustCompile(`\b[0-9a-f]{32}-us[0-9]{1,2}\b`)},
	{"token", "an account key of Azure", []string{"AccountKey="}, regexp.MustCompile(`\bAccountKey=[0-9A-Za-z+/]{40,}={0,2}`)},
	{"private-key", "a private key", []string{"PGP PRIVATE KEY BLOCK-----"}, regexp.MustCompile(`-----BEGIN PGP PRIVATE KEY BLOCK-----[\sA-Za-z0-9+/=:.,()-]{100,}`)},
	{"private-key", "a private key", []string{"PRIVATE KEY-----"}, regexp.MustCompile(`-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[\sA-Za-z0-9+/=:,\\-]{100,}`)},
	{"url-password", "a password in an address", []string{"://"}, regexp.MustCompile(`\b[a-z][a-z0-9+]{1,20}://[\w.%-]{0,64}:[^\s:/@"'<>{}$*\[\]()]{6,128}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)},
	{"url-password", "a password in an address", []string{"cloudinary://"}, regexp.MustCompile(`\bcloudinary://[0-9]{6,20}:[0-9A-Za-z_-]{20,}@[\w-]+`)},
	{"url-password", "a password in a connection text", []string{"pwd=", "PWD=", "Pwd=", "password=", "Password="}, connectionText},
}

// connectionText is what ODBC and libpq take: names and values, among them where the server is.
var connectionText = regexp.MustCompile(`(?i)\b(?:server|data source|host|hostaddr|dbname|database|user|uid|user id) ?=[^\n"'{}]{1,200}?[ ;](?:pwd|password)=([^\s;&'"{}$%<>()\[\]]{6,64})`)

// known finds the credentials of known formats in a text.
func known(text string) []match {
	if len(text) < shortest || !strings.ContainsAny(text, "0123456789") && !strings.Contains(text, "hf_") {
		return nil
	}
	var out []match
	for i := range formats {
		f := &formats[i]
		if !hinted(text, f.hints) {
			continue
		}
		for _, at := range f.pattern.FindAllStringSubmatchIndex(text, maxMatches) {
			if s := text[at[0]:at[1]]; !harmless(f, s, at) {
				start, end := at[0], at[1]
				if len(at) > 2 {
					start, end = at[2], at[3]
				}
				out = append(out, match{f.slug, f.what, start, end})
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
func harmless(f *format, s string, at []int) bool {
	l := strings.ToLower(s)
	if strings.Contains(l, "example") || strings.Contains(l, "xxxxxx") || strings.Contains(l, "000000000") || strings.Contains(l, "123456789") {
		return true
	}
	switch {
	case f.slug != "url-password":
		return strings.HasPrefix(s, "key-") && len(s) != len("key-")+32
	case len(at) > 2:
		return strings.Contains(l, "localhost") || strings.Contains(l, "127.0.0.1") || !chosen(s[at[2]-at[0]:at[3]-at[0]])
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
