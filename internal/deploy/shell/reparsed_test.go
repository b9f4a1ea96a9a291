package shell

import (
	"strings"
	"testing"
)

func TestReparsed(t *testing.T) {
	cases := map[string]string{
		`eval "echo $TITLE"`:                                   "TITLE",
		`bash -c "notify $TITLE"`:                              "TITLE",
		`docker run img sh -lc "notify ${TITLE:-x}"`:           "TITLE",
		"ssh deploy@host \"cd /srv && ./go $TITLE\"":           "TITLE",
		"if true; then\n  /bin/bash -c \"echo $TITLE\"\nfi":    "TITLE",
		`python3 -c "print('$TITLE')"`:                         "TITLE",
		"ssh host <<EOF\necho $TITLE\nEOF":                     "TITLE",
		"bash <<EOF\necho $TITLE\nEOF":                         "TITLE",
		`x=$(sh -c "echo $TITLE")`:                             "TITLE",
		`echo "$TITLE"`:                                        "",
		`./notify $TITLE`:                                      "",
		`bash -c 'echo "$TITLE"'`:                              "",
		`bash -c 'echo "$1"' _ "$TITLE"`:                       "",
		`bash -c "echo \$TITLE"`:                               "",
		"ssh host <<'EOF'\necho $TITLE\nEOF":                   "",
		"cat <<EOF\n$TITLE\nEOF":                               "",
		`eval "echo ${TITLE@Q}"`:                               "",
		`eval "echo $OTHER ${#TITLE}"`:                         "",
		`ssh host "echo ${`:                                    "",
		`bash build.sh "$TITLE"`:                               "",
		`bash build.sh -c "$TITLE"`:                            "",
		`python -m pip install -r "$TITLE" -c x`:               "",
		`su app -c "./go $TITLE"`:                              "TITLE",
		`perl -ne "print $TITLE"`:                              "TITLE",
		`python -m notify "$TITLE"`:                            "",
		strings.Repeat("(", 5_000) + `eval "$TITLE"`:           "",
		`eval "` + strings.Repeat("$(", 5_000) + `echo $TITLE`: "",
	}
	for text, want := range cases {
		var got []string
		for _, v := range Reparsed(text, func(name string) bool { return name == "TITLE" }) {
			got = append(got, v.Text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%.80s: %v", text, got)
		}
	}
}

func FuzzReparsed(f *testing.F) {
	f.Add("eval \"$A\"; ssh x <<E\n$B\nE\nbash -c \"${C@Q}\"")
	f.Fuzz(func(_ *testing.T, text string) { Reparsed(text, func(string) bool { return true }) })
}
