package json

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"stopper/internal/finding"
	"stopper/internal/report/result"
	"stopper/internal/report/sample"
	"stopper/schema"
)

var update = flag.Bool("update", false, "write the golden files anew")

func compile(t *testing.T, text string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, out []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%v", err)
	}
}

func TestOutputIsValid(t *testing.T) {
	audits, routes := compile(t, schema.Audit), compile(t, schema.Routes)
	for name, r := range map[string]*result.Result{
		"shop": sample.Shop(), "suppressed": sample.Suppressed(), "hostile": sample.Hostile(), "empty": {},
	} {
		for _, o := range []Options{{}, {Timings: true}, {MinConfidence: finding.ConfidenceHigh}} {
			var b bytes.Buffer
			if err := Write(&b, r, o); err != nil {
				t.Fatal(err)
			}
			t.Run(name, func(t *testing.T) { validate(t, audits, b.Bytes()) })
			if bytes.ContainsFunc(b.Bytes(), result.Hostile) {
				t.Errorf("%s: control characters are not escaped", name)
			}
		}
		var b bytes.Buffer
		if err := WriteRoutes(&b, r); err != nil {
			t.Fatal(err)
		}
		t.Run(name+" routes", func(t *testing.T) { validate(t, routes, b.Bytes()) })
	}
}

func TestConfigIsValid(t *testing.T) {
	s := compile(t, schema.Config)
	for _, r := range []*result.Result{sample.Shop(), sample.Hostile(), {}} {
		var b bytes.Buffer
		if err := WriteConfig(&b, r); err != nil {
			t.Fatal(err)
		}
		validate(t, s, b.Bytes())
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := compile(t, schema.Audit)
	var b bytes.Buffer
	if err := Write(&b, sample.Shop(), Options{}); err != nil {
		t.Fatal(err)
	}
	for _, broken := range [][2]string{{`"stopper/audit/v1"`, `"other"`}, {`"critical"`, `"urgent"`}, {`"fingerprint":`, `"print":`}, {`"url": null,`, `"url": 1,`}} {
		if !strings.Contains(b.String(), broken[0]) {
			t.Fatalf("no %s", broken[0])
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(b.String(), broken[0], broken[1], 1)))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(v) == nil {
			t.Errorf("%v is accepted", broken)
		}
	}
}

func TestGolden(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, sample.Shop(), Options{}); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(b.Bytes()) || strings.Contains(b.String(), "horse") {
		t.Error("invalid, or a secret is shown")
	}
	file := filepath.Join("testdata", "shop.json")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, b.Bytes()) {
		t.Errorf("%s differs (run with -update and read the diff)", file)
	}
}
