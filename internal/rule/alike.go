package rule

import "stopper/internal/finding"

// Alike gathers what a check says of many places in the same words: the first place is the finding, the others stand with it.
type Alike struct {
	p     *Pass
	first map[string]*finding.Finding
}

// Alike begins a gathering.
func (p *Pass) Alike() Alike { return Alike{p, map[string]*finding.Finding{}} }

// maxAlike bounds how many further places a finding lists.
const maxAlike = 20

// Report reports a finding, or adds its place to the first one that says the same.
func (a Alike) Report(f *finding.Finding) {
	key := f.Check + " " + f.Message
	if first := a.first[key]; first != nil {
		if len(first.Related) < maxAlike {
			first.Related = append(first.Related, LinePlace(f.Path, f.Pos.Line, "the same here"))
		}
		return
	}
	a.first[key] = f
	a.p.Report(f)
}
