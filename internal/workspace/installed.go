package workspace

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"stopper/internal/vfs"
)

// Packages installed into the repository (pip install --target libs) lie beside the application's own modules. What an
// installer put there stands in the RECORD of the package's .dist-info folder; the rest of the folder is the application's.
const (
	maxInstalled = 1000    // packages in one folder
	maxRecord    = 4 << 20 // bytes
)

// installed are the files and folders of dir that an installer wrote, nil when there is no .dist-info among its entries.
// Paths are those of the distribution format: comma-separated lines that start with a path relative to dir.
func (w *walker) installed(dir string, entries []vfs.Entry) map[string]bool {
	var out map[string]bool
	n := 0
	for _, e := range entries {
		if e.Kind != vfs.KindDir || !strings.HasSuffix(e.Name, ".dist-info") || n >= maxInstalled {
			continue
		}
		n++
		text, err := w.fs.ReadFile(path.Join(dir, e.Name, "RECORD"), maxRecord)
		if err != nil {
			continue
		}
		if out == nil {
			out = map[string]bool{}
		}
		for line := range bytes.Lines(text) {
			name, _, _ := bytes.Cut(bytes.TrimSpace(line), []byte(","))
			first, _, _ := bytes.Cut(name, []byte("/"))
			if len(first) > 0 && string(first) != ".." && !out[string(first)] {
				out[string(first)] = true
			}
		}
	}
	return out
}

// listed names what is left out of a folder, for a report: it may be the application after all.
func listed(names []string) string {
	const most = 8
	text := strings.Join(names[:min(len(names), most)], ", ")
	if n := len(names) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}
