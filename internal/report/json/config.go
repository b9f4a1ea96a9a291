package json

import (
	"io"

	"stopper/internal/report/result"
)

// ConfigSchema names the schema of WriteConfig.
const ConfigSchema = "stopper/config/v1"

type setting struct {
	Key     string   `json:"key"`
	Value   *string  `json:"value"`
	Answer  string   `json:"answer"`
	On      string   `json:"dependsOn,omitempty"`
	Ignored string   `json:"ignoredByVersion,omitempty"`
	Chain   []origin `json:"chain"`
}

type origin struct {
	How   string `json:"how"`
	Text  string `json:"text"`
	State string `json:"state"`
	Env   string `json:"environment,omitempty"`
	File  string `json:"file,omitempty"`
	Line  int    `json:"line,omitempty"`
}

// WriteConfig writes the effective configuration.
func WriteConfig(w io.Writer, r *result.Result) error {
	out := []setting{}
	for _, s := range r.Settings {
		x := setting{Key: s.Key, Answer: s.Answer, On: s.On, Ignored: s.Ignored, Chain: []origin{}}
		if s.Value != "" {
			x.Value = &s.Value
		}
		for _, c := range s.Chain {
			x.Chain = append(x.Chain, origin(c))
		}
		out = append(out, x)
	}
	return result.Encode(w, struct {
		Schema   string    `json:"schema"`
		Settings []setting `json:"settings"`
	}{ConfigSchema, out})
}
