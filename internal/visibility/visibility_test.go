package visibility

import (
	"strings"
	"testing"
)

func TestQuestionsAreCompleteAndUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, q := range Questions() {
		if seen[q.ID] {
			t.Errorf("%s appears twice", q.ID)
		}
		seen[q.ID] = true
		if q.Asks == "" || strings.HasSuffix(q.Asks, ".") || !strings.HasSuffix(q.Settle, ".") {
			t.Errorf("%s: Asks must be a noun phrase, Settle sentences", q.ID)
		}
	}
}

func TestSentence(t *testing.T) {
	if got := Sentence(EdgeTLS); !strings.HasPrefix(got, "Not visible in app code: TLS at the edge. Open") {
		t.Errorf("got %q", got)
	}
	if Sentence("nope") != "" {
		t.Error("an unknown question has a sentence")
	}
	if (Reply{}).Answer.String() != "not visible" || Answer(9).String() != "conditional" {
		t.Error("answers have wrong names")
	}
}
