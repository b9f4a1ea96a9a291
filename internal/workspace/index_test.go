package workspace

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"stopper/internal/vfs"
)

// git writes the index that is read here, in each of its versions.
func TestTrackedFilesAreNotIgnored(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	for _, version := range []string{"2", "3", "4"} {
		root := t.TempDir()
		for _, name := range []string{"app.py", "conf/settings.py", "conf/local.py", "gen/kept.py", "gen/left.py", "gen/deep/er/kept too.py"} {
			write(t, filepath.Join(root, name), "")
		}
		write(t, filepath.Join(root, ".gitignore"), "conf/*.py\ngen/\n")
		run(t, root, "init", "-q")
		run(t, root, "add", "-f", ".gitignore", "app.py", "conf/settings.py", "gen/kept.py", "gen/deep")
		if version == "3" { // the first that knows this flag
			run(t, root, "add", "-f", "-N", "conf/local.py")
		}
		run(t, root, "update-index", "--index-version", version)
		disk, opts, err := Open(root)
		if err != nil {
			t.Fatal(err)
		}
		ws, err := Load(disk, opts)
		if err != nil {
			t.Fatal(err)
		}
		want := ".gitignore app.py conf/settings.py gen/deep/er/kept too.py gen/kept.py"
		if version == "3" {
			want = strings.Replace(want, "conf/s", "conf/local.py conf/s", 1)
		}
		if got := paths(ws); got != want {
			t.Errorf("version %s: %s", version, got)
		}
		disk.Close()
	}
}

func TestExportHasNothingToIgnore(t *testing.T) {
	ws := load(t, vfs.Map{".gitignore": "conf.py\n", "conf.py": "", ".venv/x.py": ""}, Options{IsExport: true})
	if got := paths(ws); got != ".gitignore conf.py" {
		t.Error(got)
	}
}

func TestHostileIndex(t *testing.T) {
	entry := "DIRC\x00\x00\x00\x02\x7f\xff\xff\xff" + strings.Repeat("\x00", 62)
	for _, s := range []string{"", "DIRC", "DIRC\x00\x00\x00\x09\x00\x00\x00\x01", entry, entry + "a", entry + "a.py\x00", strings.Replace(entry, "\x02", "\x04", 1) + "\xff\xff\xff\xff\xff", strings.Replace(entry, "\x02", "\x04", 1) + "\x05a\x00\x00"} {
		readIndex([]byte(s))
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}
