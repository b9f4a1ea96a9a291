package deps

import (
	"math"
	"strconv"
	"strings"
)

// Grades are the ratings of advisories, the mildest first.
var Grades = [...]string{"LOW", "MEDIUM", "HIGH", "CRITICAL"}

// rating is the word for the severest score that a record gives; "" when it gives none that is understood. Vectors of CVSS
// 4 need a table of several hundred rows: records that have them say the word as well.
func rating(list []osvSeverity) string {
	worst := -1.0
	for _, s := range list[:min(len(list), maxScores)] {
		switch s.Type {
		case "CVSS_V3":
			worst = max(worst, score3(s.Score))
		case "CVSS_V2", "CVSS_V4":
			if n, err := strconv.ParseFloat(s.Score, 64); err == nil && n >= 0 && n <= 10 {
				worst = max(worst, n)
			}
		}
	}
	switch {
	case worst < 0:
		return ""
	case worst < 4:
		return "LOW"
	case worst < 7:
		return "MEDIUM"
	case worst < 9:
		return "HIGH"
	}
	return "CRITICAL"
}

// maxScores bounds the scores of one record that are looked at.
const maxScores = 10

// metrics3 are the weights of CVSS 3.1's base metrics, section 7.4 of its specification. PR depends on the scope.
var metrics3 = map[string]map[string]float64{
	"AV": {"N": .85, "A": .62, "L": .55, "P": .2},
	"AC": {"L": .77, "H": .44},
	"UI": {"N": .85, "R": .62},
	"C":  {"H": .56, "L": .22, "N": 0},
	"I":  {"H": .56, "L": .22, "N": 0},
	"A":  {"H": .56, "L": .22, "N": 0},
}

// privileges: unchanged scope, changed scope.
var privileges = map[string][2]float64{"N": {.85, .85}, "L": {.62, .68}, "H": {.27, .5}}

// score3 is the base score of a vector such as CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H; -1 for anything else.
func score3(vector string) float64 {
	parts := strings.Split(vector, "/")
	if len(vector) > 200 || !strings.HasPrefix(vector, "CVSS:3.") {
		return -1
	}
	at := map[string]string{}
	for _, p := range parts[1:] {
		k, v, _ := strings.Cut(p, ":")
		at[k] = v
	}
	weight := map[string]float64{}
	for k, values := range metrics3 {
		w, ok := values[at[k]]
		if !ok {
			return -1
		}
		weight[k] = w
	}
	pr, ok := privileges[at["PR"]]
	if !ok || at["S"] != "U" && at["S"] != "C" {
		return -1
	}
	changed := at["S"] == "C"
	base := 1 - (1-weight["C"])*(1-weight["I"])*(1-weight["A"])
	impact, needed := 6.42*base, pr[0]
	if changed {
		impact, needed = 7.52*(base-.029)-3.25*math.Pow(base-.02, 15), pr[1]
	}
	if impact <= 0 {
		return 0
	}
	total := impact + 8.22*weight["AV"]*weight["AC"]*needed*weight["UI"]
	if changed {
		total *= 1.08
	}
	return roundUp(min(total, 10))
}

// roundUp is the smallest number with one decimal that is not below, computed on integers as the specification asks.
func roundUp(x float64) float64 {
	n := int(math.Round(x * 100_000))
	if n%10_000 == 0 {
		return float64(n) / 100_000
	}
	return (math.Floor(float64(n)/10_000) + 1) / 10
}
