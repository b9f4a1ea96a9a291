package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/models"
)

// The check that most programs make before they fetch an address from outside: every address that the host resolves to is a
// public one.
//
//	for info in socket.getaddrinfo(urlparse(url).hostname, None):
//	    ip = ipaddress.ip_address(info[4][0])
//	    if ip.is_private or ip.is_loopback:
//	        raise ValueError("not there")
//
// Between the URL and the address lie calls of which no shape is left, so the check is matched by the origin: what the address was
// made of is what is fetched.

// isAddressFlag reports whether an attribute of an address tells public ones apart from the others: is_private is true for loopback,
// link-local and reserved addresses too, is_loopback alone leaves the rest of the network open.
func isAddressFlag(name string) bool { return name == "is_private" || name == "is_global" }

// addressFlag is ip.is_private of an address that is made of words from outside.
func addressFlag(v *value.Value, name string) *value.Value {
	how := value.HowPrivate
	if name == "is_global" {
		how = value.HowGlobal
	}
	return value.WithFrom(value.OfType("bool"), value.Derived{How: how, Of: v})
}

// addressChecked: a flag of an address was tested.
func (f *frame) addressChecked(v *value.Value, truth bool) {
	if v == nil || v.From() == nil {
		return
	}
	if v.From().How == value.HowPrivate && !truth || v.From().How == value.HowGlobal && truth {
		f.clearOrigins(v.From().Of.Taint, models.Kinds(models.URLFetch))
	}
}

// hostChecked: a function of the program checked an address, or the host that it belongs to. Nothing else clears this kind alone;
// a text that is an address is fine for most kinds besides.
func (f *frame) hostChecked(v *value.Value, kinds models.KindSet) {
	if v == nil || !kinds.Has(models.URLFetch) {
		return
	}
	isAddress := kinds != models.AllKinds && !slices.ContainsFunc(v.Taint, func(l value.Label) bool { return l.Marks&value.MarkUnknownCall == 0 })
	if isAddress || kinds == models.Kinds(models.URLFetch) {
		f.clearOrigins(v.Taint, models.Kinds(models.URLFetch))
	}
}

// addressesChecked: every element of a list passed such a check.
func (f *frame) addressesChecked(before, after *value.Value) {
	had := func(l value.Label) bool { return l.Cleared.Has(models.URLFetch) }
	if len(before.Taint) > 0 && !slices.ContainsFunc(before.Taint, had) && !slices.ContainsFunc(after.Taint, func(l value.Label) bool { return !had(l) }) {
		f.clearOrigins(before.Taint, models.Kinds(models.URLFetch))
	}
}

// clearOrigins clears what comes from the same places in every variable.
func (f *frame) clearOrigins(of []value.Label, kinds models.KindSet) {
	same := func(l value.Label) bool {
		return l.Cleared&kinds != kinds && slices.ContainsFunc(of, func(k value.Label) bool { return k.Origin == l.Origin })
	}
	for i, w := range f.vars {
		if w == nil || !slices.ContainsFunc(w.Taint, same) {
			continue
		}
		f.vars[i] = mapTaint(w, func(ls []value.Label) []value.Label {
			out := slices.Clone(ls)
			for j := range out {
				if same(out[j]) {
					out[j].Cleared |= kinds
				}
			}
			return out
		})
	}
}
