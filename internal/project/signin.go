package project

import (
	"slices"
	"strings"
)

// NamesSignIn reports whether a route or a function is called as one that signs somebody in.
func NamesSignIn(name string) bool {
	l := strings.ToLower(name)
	if strings.Contains(l, "logout") {
		return false
	}
	return slices.ContainsFunc(signInWords[:], func(w string) bool { return strings.Contains(l, w) })
}

var signInWords = [...]string{"login", "signin", "sign_in", "sign-in", "log_in", "authenticate", "authorized", "oauth_callback"}
