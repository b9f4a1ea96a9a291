package crypto001

import (
	"strings"

	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/rule"
)

// weakCipher reports ciphers with short blocks or keys, RC4, and the mode that shows equal blocks.
func weakCipher(p *rule.Pass, e *flow.Event) {
	says := ""
	switch e.Callee {
	case "Crypto.Cipher.DES.new", "pyDes.des":
		says = "DES has keys of 56 bits, which can be tried out"
	case "Crypto.Cipher.DES3.new", "Crypto.Cipher.ARC2.new", "Crypto.Cipher.Blowfish.new", "Crypto.Cipher.CAST.new", "pyDes.triple_des",
		"cryptography.hazmat.primitives.ciphers.algorithms.TripleDES", "cryptography.hazmat.primitives.ciphers.algorithms.Blowfish",
		"cryptography.hazmat.primitives.ciphers.algorithms.CAST5", "cryptography.hazmat.primitives.ciphers.algorithms.IDEA",
		"cryptography.hazmat.primitives.ciphers.algorithms.SEED", "cryptography.hazmat.primitives.ciphers.algorithms.RC2":
		says = "this cipher is withdrawn: blocks of 64 bits repeat in long messages"
	case "Crypto.Cipher.ARC4.new", "cryptography.hazmat.primitives.ciphers.algorithms.ARC4":
		says = "RC4 is broken: its first bytes give the message away"
	case "cryptography.hazmat.primitives.ciphers.modes.ECB":
		says = "ECB encrypts equal blocks to equal blocks"
	case "Crypto.Cipher.AES.new":
		if mode, ok := e.Args.At(1, "mode"); ok && isECB(mode) {
			says = "ECB encrypts equal blocks to equal blocks"
		}
	}
	if says == "" {
		return
	}
	f := p.At("weak-cipher", e.Func, e.Node)
	f.Message = says
	p.Report(f)
}

// isECB recognises AES.MODE_ECB and its value.
func isECB(a flow.Arg) bool {
	if a.Value == nil {
		return false
	}
	if a.Value.IsConst && len(a.Value.Consts()) == 1 {
		return a.Value.Consts()[0].Kind == ir.ConstInt && a.Value.Consts()[0].Int == 1
	}
	return len(a.Value.Objs) == 1 && strings.HasSuffix(a.Value.Objs[0].Path, ".MODE_ECB")
}
