package workspace

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func ignoresPath(rules, path string) bool {
	work := 0
	files := []ignoreFile{parseIgnore("", []byte(rules))}
	parts := strings.Split(path, "/")
	for i := 1; i <= len(parts); i++ {
		if ignored(files, strings.Join(parts[:i], "/"), i < len(parts), &work) {
			return true
		}
	}
	return false
}

func TestIgnoreRules(t *testing.T) {
	for _, c := range []struct {
		rules, path string
		want        bool
	}{
		{"*.pyc", "a/b.pyc", true},
		{"*.pyc", "a/b.py", false},
		{"/build", "build/x", true},
		{"/build", "a/build/x", false},
		{"build/", "a/build/x", true},
		{"build/", "a/build", false},
		{"a/b", "x/a/b", false},
		{"**/a/b", "x/y/a/b", true},
		{"**/a", "a", true},
		{"a/**", "a/x/y", true},
		{"a/**/z", "a/z", true},
		{"a/**/z", "a/b/c/z", true},
		{"a**z", "abcz", true},
		{"a/b**z", "a/b/z", false},
		{"*\n!keep.py", "keep.py", false},
		{"dir/\n!dir/keep.py", "dir/keep.py", true},
		{`\#x`, "#x", true},
		{"#x", "#x", false},
		{`\!x`, "!x", true},
		{"x   ", "x", true},
		{`x\ `, "x ", true},
		{"[a-c]x", "bx", true},
		{"[!a-c]x", "bx", false},
		{"[[:digit:]]*", "7a", true},
		{"[]x]", "]", true},
		{"[a", "a", false},
		{"x\r\ny", "x", true},
		{"?x", "ax", true},
		{"a?b/c", "a/b/c", false},
		{".env", "deploy/.env", true},
		{"/", "a", false},
		{"\xef\xbb\xbfa", "a", true},
	} {
		if got := ignoresPath(c.rules, c.path); got != c.want {
			t.Errorf("%q on %q: %v", c.rules, c.path, got)
		}
	}
}

func TestIgnoreIsPolynomial(t *testing.T) {
	for _, rule := range []string{strings.Repeat("*a", 200) + "b", "x/" + strings.Repeat("**/a/", 100) + "b", strings.Repeat("**/", 300) + "b", strings.Repeat("*?", 400) + "x/b"} {
		for _, path := range []string{strings.Repeat("a", 2000), "x/" + strings.Repeat("a/", 1000) + "a"} {
			work := 0
			f := []ignoreFile{parseIgnore("", []byte(rule))}
			ignored(f, path, false, &work)
			if work > 5_000_000 {
				t.Errorf("%.20q on %.10q: %d steps", rule, path, work)
			}
		}
	}
}

// gitIgnores asks git itself.
func gitIgnores(t testing.TB, dir, rules, path string) (answer, usable bool) {
	if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(rules), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "-c", "core.fsmonitor=false", "-c", "core.excludesFile=", "check-ignore", "-q", "--no-index", "--", path)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_LITERAL_PATHSPECS=1")
	err := cmd.Run()
	if err == nil {
		return true, true
	}
	exit, ok := err.(*exec.ExitError)
	return false, ok && exit.ExitCode() == 1
}

// FuzzIgnoreAgainstGit compares the matcher with git on a path whose parents do not exist, so that git judges by name only.
func FuzzIgnoreAgainstGit(f *testing.F) {
	if _, err := exec.LookPath("git"); err != nil {
		f.Skip("no git")
	}
	for _, s := range [][2]string{
		{"*.pyc\n!a.pyc", "b/a.pyc"}, {"a/**/b", "a/b"}, {"**/x", "y/x"}, {"a/**", "a/b/c"}, {"[a-c]?", "bx"}, {"[[:alpha:]_]", "_"},
		{"\\a", "a"}, {"a\\ ", "a "}, {"a***b/c", "axb/c"}, {"**", "a/b"}, {"/**/a", "b/a"}, {"[!]a]", "b"}, {"[a-", "a"}, {"a\\", "a"},
		{"!a", "a"}, {"*/b", "a/b"}, {"/*", "a/b"}, {"**\\/a", "b/a"}, {"x/**y", "x/y"}, {"[[:x:]]", "x"}, {"[[:]", ":"}, {"[a-a-c]", "b"},
	} {
		f.Add(s[0], s[1])
	}
	dir := f.TempDir()
	if out, err := exec.Command("git", "init", "-q", dir).CombinedOutput(); err != nil {
		f.Skip(string(out))
	}
	f.Fuzz(func(t *testing.T, rules, path string) {
		if len(rules) > 200 || len(path) > 100 || !plainPath(path) {
			t.Skip()
		}
		want, ok := gitIgnores(t, dir, rules, path)
		if !ok {
			t.Skip()
		}
		if got := ignoresPath(rules, path); got != want {
			t.Errorf("%q on %q: ours %v, git %v", rules, path, got, want)
		}
	})
}

// plainPath keeps to paths that git and the file system take as they are.
func plainPath(p string) bool {
	if p == "" || strings.ContainsAny(p, "\x00\n") {
		return false
	}
	for _, part := range strings.Split(p, "/") {
		if part == "" || part == "." || part == ".." || strings.HasPrefix(strings.ToLower(part), ".git") {
			return false
		}
	}
	return true
}
