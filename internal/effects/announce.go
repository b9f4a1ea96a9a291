package effects

import (
	"regexp"
	"slices"
	"strings"
)

// verbs are words in a route or a function name that announce a change.
func verbs() []string {
	return []string{"delete", "remove", "add", "create", "update", "edit", "set", "toggle", "enable", "disable", "reset", "clear", "abort",
		"move", "order", "reorder", "cancel", "stop", "start", "restart", "kill", "approve", "reject", "ban", "unban", "lock", "unlock", "publish",
		"unpublish", "revoke", "grant", "purge", "flush", "import", "save", "logout", "exit", "join", "leave", "follow", "unfollow", "vote",
		"like", "send", "upload", "rename", "activate", "deactivate", "archive", "restore", "subscribe", "unsubscribe", "mark", "assign",
		"unassign", "del", "change", "regenerate", "rotate", "promote", "demote", "run", "execute", "trigger", "new", "insert", "destroy", "drop", "trash", "untrash", "hide", "unhide"}
}

var words = regexp.MustCompile(`[A-Z]?[a-z]+|[A-Z]+`)

// Announces is the word in a name or a URL that says that something is changed, "" when there is none. Words are told apart
// by their first letter or by what stands between them: delete_user, deleteUser, /delete-user.
func Announces(name string) string {
	all, found := verbs(), ""
	for _, w := range words.FindAllString(name, -1) {
		w = strings.ToLower(w)
		if onlyAsks.MatchString(w) {
			return "" // delete_allowed, check_update
		}
		if found != "" {
			continue
		}
		if slices.Contains(all, w) {
			found = w
		} else if m := joined.FindStringSubmatch(w); m != nil {
			found = m[1]
		}
	}
	return found
}

// joined is a verb that runs on into what it is about: deleteuser. What was deleted (deletedusers) is only shown.
var joined = regexp.MustCompile(`^(delete|remove|disable|enable|toggle)[a-ce-rt-z][a-z]{2,}$`)

// onlyAsks is a word beside a verb that turns the change into a question.
var onlyAsks = regexp.MustCompile(`^(check|can|is|allowed|available|exists|count|status|preview|history|get|show|view|search|info)$`)
