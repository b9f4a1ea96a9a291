package trial_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
	"stopper/internal/trial"
)

func program(archive string) *semantic.Program {
	var files []*ast.File
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files = append(files, parser.New().Parse(source.NewFile(f.Name, f.Data)))
	}
	return semantic.Build(files)
}

func verdicts(archive string) map[string]string {
	prog := program(archive)
	out := map[string]string{}
	for id, v := range trial.Redirects(prog, nil) {
		out[prog.FuncName(id)] = fmt.Sprintf("%d %v %s", v.Param, v.Answer, v.Defeats)
	}
	return out
}

func TestRedirects(t *testing.T) {
	got := verdicts(`
-- checks.py --
import logging
import re
from urllib.parse import urljoin, urlparse, urlsplit, urlunsplit

from flask import abort, current_app, request

logger = logging.getLogger(__name__)

SCHEMES = ("http", "https")
LOCAL = re.compile(r"/[\w-]*\Z")


def joined_url(target):
    here, there = urlparse(request.host_url), urlparse(urljoin(request.host_url, target))
    return there.scheme in SCHEMES and here.netloc == there.netloc


def strict_url(target):
    def_ = target.strip()
    if not def_ or any(ord(c) <= 32 for c in def_):
        return False
    return all(plain_url(t) for t in (def_, def_.replace("\\", "/")))


def plain_url(target):
    if target.startswith("//"):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def pattern_url(url, allowed_hosts=None):
    return LOCAL.match(url) is not None


def is_external_url(url):
    return not LOCAL.match(url)


def demand_url(url):
    if not pattern_url(url):
        abort(400)


def next_url():
    target = request.args.get("next")
    if target and strict_url(target):
        return target
    return "/"


def only_path_of_url(url):
    parts = urlsplit(url)
    return urlunsplit(("", "", parts.path, parts.query, ""))


def told_url(target):
    if any(c in target for c in "\t\r\n\x0b\x0c") or not target.isprintable():
        logger.warning("refused: %r", target)
        return False
    flat = target.replace("\\", "/")
    if not flat.startswith("/") or flat.startswith("//"):
        current_app.logger.info(f"refused: {target!r}")
        return False
    parts = urlsplit(flat)
    return not (parts.scheme or parts.netloc or parts.username or parts.port)


def url_or(url, default):
    return url if told_url(url) else default


def bare_url(url):
    return urlsplit(url)._replace(scheme="", netloc="").geturl()


def looks_like_url(url):
    return "." in url


def unknown_url(url):
    return lookup(url) and url.startswith("/")


def refused_url(url):
    return False
`)
	for name, want := range map[string]string{
		"joined_url":       "0 0 ////evil.example",
		"strict_url":       "0 0 ",
		"plain_url":        "0 0 /\\evil.example",
		"pattern_url":      "0 0 ",
		"is_external_url":  "0 1 ",
		"demand_url":       "0 3 ",
		"next_url":         "-1 2 ",
		"only_path_of_url": "0 2 ////evil.example",
		"told_url":         "0 0 ",
		"url_or":           "0 2 ",
		"bare_url":         "0 2 ////evil.example",
		"looks_like_url":   "",
		"unknown_url":      "",
		"refused_url":      "",
	} {
		if got[name] != want {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
	}
}

// TestHostile: what never ends, calls itself or grows has no verdict.
func TestHostile(t *testing.T) {
	deep := strings.Repeat("(", 300) + "url" + strings.Repeat(")", 300)
	got := verdicts(`
-- checks.py --
from urllib.parse import urlparse
A_URL = B_URL
B_URL = A_URL
def loop_url(url):
    return loop_url(url)
def grow_url(url):
    for a in range(3000):
        url = url + url
    return not url
def cyclic_url(url):
    return url == A_URL
def odd_url(url):
    for a, b in url:
        return True
def wide_url(url):
    return [a for a in range(10 ** 9)]
def deep_url(url):
    return ` + deep + `.startswith("/") and url[5:1] and url[::2] and url[99]
`)
	if len(got) != 0 {
		t.Errorf("verdicts %v", got)
	}
}
