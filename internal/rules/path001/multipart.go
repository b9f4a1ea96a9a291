package path001

import (
	"strings"

	"stopper/internal/finding"
	"stopper/internal/project"
	"stopper/internal/python/ast"
)

// keepName is the option with which python-multipart writes a file under the name that the client gives it.
const keepName = "UPLOAD_KEEP_FILENAME"

// atOption points to the option that keeps the name, where it stands in the call. false: files stay in memory, and none is written.
func atOption(f *finding.Finding, h project.Hit) bool {
	file := h.Func.Module.File
	if file == nil || !strings.HasSuffix(h.Callee, ".create_form_parser") {
		return true
	}
	written := true
	file.Walk(h.Node, func(n ast.NodeID) bool {
		switch key, _ := file.Str(n); key {
		case keepName:
			f.Span = file.Span(n)
		case "MAX_MEMORY_FILE_SIZE":
			written = written && !isInfinite(file, after(file, h.Node, n))
		}
		return true
	})
	return written
}

// after is the value that stands behind a key of a dict somewhere in a call.
func after(file *ast.File, call, key ast.NodeID) ast.NodeID {
	var found ast.NodeID
	file.Walk(call, func(n ast.NodeID) bool {
		if file.Kind(n) == ast.Dict {
			items := file.ListA(n)
			for i := 0; i+1 < len(items); i += 2 {
				if ast.NodeID(items[i]) == key {
					found = ast.NodeID(items[i+1])
				}
			}
		}
		return true
	})
	return found
}

// isInfinite: float("inf"), or math.inf.
func isInfinite(file *ast.File, n ast.NodeID) bool {
	if n == 0 {
		return false
	}
	text := strings.ToLower(file.Text(n))
	return strings.HasPrefix(text, "float(") && strings.Contains(text, "inf") || text == "math.inf"
}
