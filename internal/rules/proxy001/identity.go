package proxy001

import (
	"regexp"
	"slices"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/finding"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/visibility"
)

// identityHeader are the headers in which a proxy that signs people in tells the application who they are.
var identityHeader = regexp.MustCompile(`^(X_)?(FORWARDED|REMOTE|AUTH_REQUEST|AUTHENTICATED|WEBAUTH|AUTHENTIK|SSO|TOKEN_SUBJECT|GOOG_AUTHENTICATED)_?(USER|USERNAME|EMAIL|PREFERRED_USERNAME|USER_EMAIL|USER_ID)$`)

// gate is the switch of an operator who says that such a proxy is there.
var gate = regexp.MustCompile(`(?i)proxy|trust|remote_?user|header_?(login|auth)|sso|forward`)

// identities report functions that sign in whom a header names, without a setting that says a proxy stands in front.
func identities(p *rule.Pass) {
	p.Named(rule.Ident("", "get"), func(at rule.Place) {
		header := at.Header(at.Node)
		if header == "" || !identityHeader.MatchString(header) || !effects.Has(p.Project.Effects.Reach(at.Func, 1), effects.SignIn) || isGated(at) {
			return
		}
		for _, pr := range httpFront(p) {
			if sets(pr, strings.ReplaceAll(header, "_", "-")) != nil {
				return
			}
		}
		f := rule.NotVisible(at.Report("identity"), visibility.EdgeForwarded)
		f.Confidence = finding.ConfidenceMedium
		f.Message = "whoever sends the header " + strings.ReplaceAll(header, "_", "-") + " is signed in as the user that it names"
		p.Report(f)
	}, ast.Call, ast.Subscript)
}

// isGated: some condition of the function asks for a setting of the operator.
func isGated(at rule.Place) bool {
	f, found := at.Mod.File, false
	at.InFunction(func(n ast.NodeID) {
		if f.Kind(n) != ast.If && f.Kind(n) != ast.IfExp {
			return
		}
		test := f.SlotA(n)
		text := f.Text(test)
		words := []string{"config", "settings", "environ", "getenv", "remote_addr"}
		found = found || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) ||
			gate.MatchString(text) && !strings.Contains(text, "headers")
	})
	return found
}
