package trial_test

import (
	"fmt"
	"strings"
	"testing"

	"stopper/internal/trial"
)

func fetches(archive string) map[string]string {
	prog := program(archive)
	out := map[string]string{}
	for id, vs := range trial.Fetches(prog, nil) {
		for _, v := range vs {
			out[prog.FuncName(id)] += fmt.Sprintf("%d %v %d %s;", v.Param, v.Answer, v.Elem, v.Defeats)
		}
	}
	return out
}

// TestFetches: a number, a host, an address; a truth, a denial, a pair, an exception; settings.
func TestFetches(t *testing.T) {
	got := fetches(`
-- conf.py --
HOSTS = ["img.example", "static.example"]
ORIGINS = ("https://api.example:8443",)
ALLOW_PRIVATE_HOSTS = False
-- checks.py --
import ipaddress, os, socket
from urllib.parse import urlparse
import conf
from lib import audit, settings

def number(ip):
    a = ipaddress.ip_address(ip)
    return a.is_private or a.is_loopback

def loopback(ip):
    return ipaddress.ip_address(ip).is_loopback

def host(hostname):
    audit(hostname)
    return all(not number(i[4][0]) for i in socket.getaddrinfo(hostname, None))

def first_host(hostname):
    return not number(socket.gethostbyname(hostname))

def shut(url):
    if host(urlparse(url).hostname) is not True:
        raise ValueError(url)

def pair(url):
    try:
        shut(url)
    except TypeError:
        return True, "never"
    except ValueError as e:
        return False, str(e)
    return True, None

def listed(url):
    p = urlparse(url)
    return p.scheme == "https" and p.hostname in conf.HOSTS

def loosely_listed(url):
    return urlparse(url).netloc.startswith(tuple(conf.HOSTS))

def exact(url):
    return url in conf.ORIGINS

def optional(url):
    if settings.ALLOW_PRIVATE_HOSTS or conf.ALLOW_PRIVATE_HOSTS:
        return True
    return host(urlparse(url).hostname)

def sometimes(url):
    return settings.relaxed or host(urlparse(url).hostname)

def unasked(url):
    return len(urlparse(url).netloc) < 200

def is_number(host):
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

def swallowed(url):
    try:
        shut(url)
    except ValueError:
        pass
    return True
`)
	for name, want := range map[string]string{
		"number":         "0 1 -1 ;",
		"loopback":       "0 1 -1 169.254.169.254;",
		"host":           "0 0 -1 ;",
		"first_host":     "0 0 -1 ;",
		"shut":           "0 1 -1 ;0 3 -1 ;",
		"pair":           "0 0 0 ;",
		"listed":         "0 0 -1 ;",
		"loosely_listed": "0 0 -1 https://img.example.evil.example/;",
		"exact":          "0 0 -1 ;",
		"optional":       "0 0 -1 ;",
		"sometimes":      "",
		"unasked":        "",
		"is_number":      "",
		"swallowed":      "",
	} {
		if got[name] != want {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
	}
}

// TestHostileFetches: what never ends, grows, or asks more than can be answered has no verdict.
func TestHostileFetches(t *testing.T) {
	asks := strings.Repeat("    if settings.a(url): url = url + '/'\n", 60)
	got := fetches(`
-- checks.py --
import ipaddress, socket
from urllib.parse import urlparse
from lib import settings
class Odd(Odd):
    x = x
    def url(self, url):
        return self.x and self.url(url)
def forever(url):
    while True:
        url = urlparse(url).hostname or url
def grow(host):
    while not ipaddress.ip_address(host).is_private:
        host = host + host
    return host
def spread(url):
    return [*urlparse(*url, **url)][url:](*[url]).hostname
def gen(host):
    yield from gen(host)
def odd(ip):
    return ipaddress.ip_network(ip + "/999") or socket.getaddrinfo() or ipaddress.ip_address() or {ip: ip}[[ip]]
def loose(self, url):
    return self.allowed(urlparse(url).hostname)
def made(cls, url):
    return cls(urlparse(url).hostname).host
def asks(url):
` + asks + `    return urlparse(url).hostname
`)
	if len(got) != 0 {
		t.Errorf("verdicts %v", got)
	}
}
