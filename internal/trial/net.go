package trial

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// ipAddr and ipNet are what ip_address and ip_network give.
type (
	ipAddr struct{ netip.Addr }
	ipNet  struct{ netip.Prefix }
)

// special are the networks that Python's is_private is true for.
var special = networks("0.0.0.0/8 10.0.0.0/8 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.168.0.0/16 198.18.0.0/15" +
	" 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 ::1/128 ::/128 ::ffff:0:0/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 fc00::/7 fe80::/10")

// reserved are the networks that is_reserved is true for, as far as there is something in them.
var reserved = networks("240.0.0.0/4 ::/8 100::/8 200::/7 400::/6 800::/5 1000::/4 4000::/3 6000::/3 8000::/3 a000::/3 c000::/3 e000::/4 f000::/5 f800::/6 fe00::/9")

func networks(list string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range strings.Fields(list) {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func within(a netip.Addr, nets []netip.Prefix) bool {
	return slices.ContainsFunc(nets, func(p netip.Prefix) bool { return p.Contains(a) })
}

// ipAttr is an attribute of an address.
func (m *machine) ipAttr(a ipAddr, name string) any {
	switch name {
	case "is_private":
		return within(a.Addr, special)
	case "is_global":
		return !within(a.Addr, special) && !netip.MustParsePrefix("100.64.0.0/10").Contains(a.Addr)
	case "is_loopback":
		return a.Is4() && a.As4()[0] == 127 || a.Addr == netip.IPv6Loopback()
	case "is_link_local":
		return a.IsLinkLocalUnicast() && !a.Is4In6()
	case "is_multicast":
		return a.IsMulticast() && !a.Is4In6()
	case "is_reserved":
		return within(a.Addr, reserved)
	case "is_unspecified":
		return a.IsUnspecified()
	case "is_site_local":
		return a.Is6() && netip.MustParsePrefix("fec0::/10").Contains(a.Addr)
	case "version":
		if a.Is4() {
			return int64(4)
		}
		return int64(6)
	case "compressed", "exploded":
		return a.String()
	case "ipv4_mapped", "sixtofour", "teredo":
		if a.Is4() {
			return m.raise("AttributeError")
		}
		if name == "ipv4_mapped" && a.Is4In6() {
			return ipAddr{a.Unmap()}
		}
		return none{}
	}
	return m.fail()
}

func (m *machine) netAttr(n ipNet, name string) any {
	switch name {
	case "version":
		return m.ipAttr(ipAddr{n.Addr()}, name)
	case "prefixlen":
		return int64(n.Bits())
	case "network_address":
		return ipAddr{n.Addr()}
	}
	return m.fail()
}

// ipCall calls something of the module ipaddress.
func (m *machine) ipCall(name string, args []any) any {
	if len(args) == 0 {
		return m.fail()
	}
	var s string
	switch v := args[0].(type) {
	case string:
		s = v
	case ipAddr:
		s = v.String()
	case int64:
		if strings.HasSuffix(name, "ddress") && v >= 0 && v < 1<<32 {
			return ipAddr{netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})}
		}
		return m.fail()
	case none:
		return m.raise("ValueError")
	default:
		return m.fail()
	}
	switch name {
	case "ip_address", "IPv4Address", "IPv6Address":
		a, err := netip.ParseAddr(s)
		if err != nil || name == "IPv4Address" && !a.Is4() || name == "IPv6Address" && a.Is4() {
			return m.raise("AddressValueError")
		}
		return ipAddr{a}
	case "ip_network", "IPv4Network", "IPv6Network":
		return m.network(s)
	}
	return m.fail()
}

func (m *machine) network(s string) any {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return m.raise("ValueError")
		}
		return ipNet{netip.PrefixFrom(a, a.BitLen())}
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return m.fail()
	}
	return ipNet{p.Masked()}
}

// outside is where names lead to that belong to nobody in particular.
const outside = "93.184.216.34"

// resolve is what the resolver makes of a host. Names under evil.example lead inside: whoever owns a domain says where it leads to.
func resolve(host string) (netip.Addr, bool) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if a, err := netip.ParseAddr(host); err == nil {
		return a.WithZone(""), true
	}
	if a, ok := number4(host); ok {
		return a, true
	}
	switch {
	case host == "" || strings.ContainsAny(host, " /\\@?#%:[]<>\"'") || strings.Contains(host, ".."):
		return netip.Addr{}, false
	case host == "localhost" || strings.HasSuffix(host, ".localhost"):
		return netip.MustParseAddr("127.0.0.1"), true
	case host == "metadata.evil.example":
		return netip.MustParseAddr("169.254.169.254"), true
	case host == "six.evil.example":
		return netip.MustParseAddr("fd00::5"), true
	case strings.HasSuffix(host, "evil.example") || strings.HasPrefix(host, "evil"):
		return netip.MustParseAddr("10.0.0.5"), true
	}
	return netip.MustParseAddr(outside), true
}

// number4 reads the short, octal and hexadecimal forms of addresses that the resolver of the C library takes.
func number4(s string) (netip.Addr, bool) {
	parts := strings.Split(s, ".")
	if len(parts) > 4 || s == "" {
		return netip.Addr{}, false
	}
	var sum uint64
	for i, p := range parts {
		n, err := strconv.ParseUint(strings.ReplaceAll(p, "_", "x"), 0, 32)
		if len(p) > 1 && p[0] == '0' && strings.Trim(p, "01234567") == "" {
			n, err = strconv.ParseUint(p, 8, 32)
		}
		last := i == len(parts)-1
		if err != nil || !last && n > 255 || last && n>>(8*(5-len(parts))) != 0 {
			return netip.Addr{}, false
		}
		if last {
			sum |= n
		} else {
			sum |= n << (8 * (3 - i))
		}
	}
	return netip.AddrFrom4([4]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}), true
}

// isInside: the server would reach something that visitors do not.
func isInside(host string) bool {
	a, ok := resolve(host)
	return ok && within(a, special)
}

// socketCall calls something of the module socket.
func (m *machine) socketCall(name string, args []any, kw map[string]any) any {
	if len(args) == 0 {
		if v, ok := kw["host"]; ok {
			args = []any{v}
		}
	}
	if len(args) == 0 || isVague(args[0]) {
		return m.fail()
	}
	host, isText := args[0].(string)
	a, ok := resolve(host)
	if !isText || !ok {
		return m.raise("gaierror")
	}
	switch name {
	case "getaddrinfo":
		return m.addrInfo(a, args, kw)
	case "gethostbyname", "gethostbyname_ex":
		if !a.Is4() {
			return m.raise("gaierror")
		}
		if name == "gethostbyname" {
			return a.String()
		}
		return &list{[]any{host, &list{}, &list{[]any{a.String()}}}}
	case "inet_aton", "inet_pton":
		return m.fail()
	}
	return m.fail()
}

// addrInfo is what getaddrinfo gives: (family, type, protocol, name, (address, port, …)).
func (m *machine) addrInfo(a netip.Addr, args []any, kw map[string]any) any {
	family, wants := kw["family"], ""
	if family == nil && len(args) > 2 {
		family = args[2]
	}
	if e, ok := family.(external); ok {
		wants = e.path
	}
	is := "socket.AF_INET"
	end := []any{a.String(), int64(443)}
	if a.Is6() {
		is, end = "socket.AF_INET6", append(end, int64(0), int64(0))
	}
	if strings.HasPrefix(wants, "socket.AF_INET") && wants != is {
		return m.raise("gaierror")
	}
	return &list{[]any{&list{[]any{external{is}, external{"socket.SOCK_STREAM"}, int64(6), "", &list{end}}}}}
}
