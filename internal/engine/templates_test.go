package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"stopper/internal/engine"
	"stopper/internal/vfs"
)

// What does not parse in a template is said with every result, and what stands around it is judged.
func TestTemplateErrorsAreListed(t *testing.T) {
	out := audit(t, t.Context(), vfs.Map{
		"app.py": "from flask import Flask, render_template, request\napp = Flask(__name__)\n" +
			"@app.get('/')\ndef index():\n    return render_template('a.html', q=request.args['q'])\n",
		"templates/a.html": "<p>{{ q|safe }}</p>\n{% cache 3 %}\n{{ q ? 1 : 2 }}\n<b>{{ q|safe }}</b>{% endcache %}",
		"templates/b.html": "{% if x %}never closed",
		"templates/c.html": "{{ fine }}",
	}, engine.Options{})
	var got []string
	for _, e := range out.Result.Coverage.ParseErrors {
		got = append(got, fmt.Sprintf("%s:%d", e.Path, e.Line))
	}
	if s := strings.Join(got, " "); !strings.HasPrefix(s, "templates/a.html:2 templates/a.html:3") || !strings.Contains(s, "templates/b.html:1") || strings.Contains(s, "c.html") {
		t.Errorf("got %q", s)
	}
	if n := strings.Count(listing(out), "templates/a.html FLASK-XSS-001/safe-filter"); n != 2 {
		t.Errorf("%d findings in the template:\n%s", n, listing(out))
	}
}
