package wire_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// source is a way in: what the view reads, and how a request brings a text there.
type source struct {
	read  string
	route string // behind the view's own path
	send  func(base, text string) (*http.Request, error)
}

// sources are the parts of a request that a program reads texts from.
func sources() map[string]source {
	query := func(base, text string) (*http.Request, error) {
		return http.NewRequest(http.MethodGet, base+"?v="+url.QueryEscape(text), nil)
	}
	body := func(contentType, before, after string) func(string, string) (*http.Request, error) {
		return func(base, text string) (*http.Request, error) {
			req, err := http.NewRequest(http.MethodPost, base, strings.NewReader(before+text+after))
			if err == nil {
				req.Header.Set("Content-Type", contentType)
			}
			return req, err
		}
	}
	header := func(name, before string) func(string, string) (*http.Request, error) {
		return func(base, text string) (*http.Request, error) {
			req, err := http.NewRequest(http.MethodGet, base, nil)
			if err == nil {
				req.Header.Set(name, before+text)
			}
			return req, err
		}
	}
	path := func(base, text string) (*http.Request, error) {
		return http.NewRequest(http.MethodGet, base+"/"+url.PathEscape(text), nil)
	}
	form := body("application/x-www-form-urlencoded", "v=", "")
	json := body("application/json", `{"v": "`, `"}`)
	upload := body("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"v\"; filename=\"", "\"\r\n\r\nx\r\n--b--\r\n")
	content := body("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"v\"; filename=\"a\"\r\n\r\n", "\r\n--b--\r\n")
	return map[string]source{
		"args":           {`request.args["v"]`, "", query},
		"args-get":       {`request.args.get("v", "")`, "", query},
		"args-list":      {`request.args.getlist("v")[0]`, "", query},
		"args-dict":      {`request.args.to_dict()["v"]`, "", query},
		"args-items":     {`[value for _, value in request.args.items()][0]`, "", query},
		"values":         {`request.values["v"]`, "", query},
		"query-string":   {`urllib.parse.parse_qs(request.query_string.decode())["v"][0]`, "", query},
		"url":            {`urllib.parse.unquote(request.url.partition("v=")[2])`, "", query},
		"full-path":      {`urllib.parse.unquote(request.full_path.partition("v=")[2])`, "", query},
		"form":           {`request.form["v"]`, "", form},
		"form-get":       {`request.form.get("v")`, "", form},
		"form-values":    {`request.values.get("v")`, "", form},
		"json":           {`request.json["v"]`, "", json},
		"get-json":       {`request.get_json()["v"]`, "", json},
		"get-json-get":   {`request.get_json(silent=True).get("v")`, "", json},
		"loads":          {`json.loads(request.data)["v"]`, "", json},
		"data":           {`request.data.decode()`, "", body("text/plain", "", "")},
		"get-data":       {`request.get_data(as_text=True)`, "", body("text/plain", "", "")},
		"stream":         {`request.stream.read().decode()`, "", body("text/plain", "", "")},
		"header":         {`request.headers["X-V"]`, "", header("X-V", "")},
		"header-get":     {`request.headers.get("X-V")`, "", header("X-V", "")},
		"environ":        {`request.environ["HTTP_X_V"]`, "", header("X-V", "")},
		"user-agent":     {`request.user_agent.string`, "", header("User-Agent", "")},
		"referrer":       {`request.referrer`, "", header("Referer", "")},
		"cookie":         {`request.cookies["v"]`, "", header("Cookie", "v=")},
		"cookie-get":     {`request.cookies.get("v")`, "", header("Cookie", "v=")},
		"path":           {`given`, "/<given>", path},
		"path-any":       {`given`, "/<path:given>", path},
		"view-args":      {`request.view_args["given"]`, "/<given>", path},
		"path-of-url":    {`urllib.parse.unquote(request.path.rpartition("/")[2])`, "/<given>", path},
		"file-name":      {`request.files["v"].filename`, "", upload},
		"file-content":   {`request.files["v"].read().decode()`, "", content},
		"file-stream":    {`request.files["v"].stream.read().decode()`, "", content},
		"authorization":  {`request.headers["Authorization"].split(" ")[1]`, "", header("Authorization", "Bearer ")},
		"request-object": {`(lambda r: r.args)(request)["v"]`, "", query},
	}
}

// carriers are further ways that v takes through a program without becoming another text. Names that they need are in
// carriersHead.
func carriers() map[string]string {
	return map[string]string{
		"g":              "g.text = v\nv = g.text",
		"g-set":          "setattr(g, \"text\", v)\nv = getattr(g, \"text\")",
		"global":         "global LAST\nLAST = v\nv = LAST",
		"module-dict":    "STORE[\"k\"] = v\nv = STORE[\"k\"]",
		"app-config":     "app.config[\"X_TEXT\"] = v\nv = app.config[\"X_TEXT\"]",
		"class-attr":     "Holder.text = v\nv = Holder.text",
		"property":       "v = Holder(v).shown",
		"method-chain":   "v = Holder(v).same().same().held",
		"class-method":   "v = Holder.make(v).held",
		"static-method":  "v = Holder.plain(v)",
		"subclass":       "v = Narrow(v).shown",
		"call-operator":  "v = Holder(v)()",
		"item-operator":  "v = Holder(v)[\"any\"]",
		"iteration":      "v = list(Holder(v))[0]",
		"dataclass":      "v = Order(text=v).text",
		"named-tuple":    "v = Pair(v, 1).first",
		"kwargs":         "v = by_name(text=v)",
		"star-args":      "v = by_place(*[v])",
		"star-kwargs":    "v = by_name(**{\"text\": v})",
		"default-arg":    "v = (lambda x=v: x)()",
		"closure":        "def inner():\n    return v\nv = inner()",
		"nonlocal":       "w = None\ndef put():\n    nonlocal w\n    w = v\nput()\nv = w",
		"generator":      "v = next(produce(v))",
		"yield-from":     "v = [x for x in relay(v)][0]",
		"decorated":      "v = decorated(v)",
		"cached":         "v = cached(v)",
		"partial":        "v = functools.partial(same, v)()",
		"context":        "with held(v) as w:\n    v = w",
		"exception":      "try:\n    raise ValueError(v)\nexcept ValueError as error:\n    v = str(error)",
		"exception-args": "try:\n    raise Refused(v)\nexcept Refused as error:\n    v = error.text",
		"finally":        "try:\n    pass\nfinally:\n    w = v\nv = w",
		"while":          "w = \"\"\nwhile not w:\n    w = v\nv = w",
		"loop":           "w = \"\"\nfor c in v:\n    w += c\nv = w",
		"walrus":         "if (w := v):\n    v = w",
		"match":          "match {\"k\": v}:\n    case {\"k\": w}:\n        v = w",
		"unpack":         "v, *rest = [v, \"x\", \"y\"]",
		"unpack-nested":  "(_, (v, _)) = (\"x\", (v, \"y\"))",
		"swap":           "w = \"x\"\nv, w = w, v\nv = w",
		"slice":          "v = [\"x\", v, \"y\"][1:][0]",
		"append":         "w = []\nw.append(v)\nv = w.pop()",
		"extend":         "w = [\"x\"]\nw.extend([v])\nv = w[-1]",
		"dict-update":    "w = {}\nw.update(k=v)\nv = w[\"k\"]",
		"dict-merge":     "v = ({\"a\": \"b\"} | {\"k\": v})[\"k\"]",
		"dict-default":   "w = {}\nw.setdefault(\"k\", v)\nv = w[\"k\"]",
		"defaultdict":    "w = collections.defaultdict(list)\nw[\"k\"].append(v)\nv = w[\"k\"][0]",
		"dict-comp":      "v = {k: x for k, x in [(\"k\", v)]}[\"k\"]",
		"dict-values":    "v = list({\"k\": v}.values())[0]",
		"set":            "v = {v}.pop()",
		"sorted":         "v = sorted([v, v])[0]",
		"zip":            "v = [x for _, x in zip([1], [v])][0]",
		"enumerate":      "v = [x for _, x in enumerate([v])][0]",
		"map":            "v = list(map(same, [v]))[0]",
		"filter":         "v = list(filter(None, [v]))[0]",
		"reduce":         "v = functools.reduce(lambda a, b: a + b, [v, \"\"])",
		"chain":          "v = list(itertools.chain([v], []))[0]",
		"copy":           "v = copy.deepcopy([v])[0]",
		"json-round":     "v = json.loads(json.dumps({\"k\": v}))[\"k\"]",
		"url-round":      "v = urllib.parse.unquote(urllib.parse.quote(v))",
		"html-round":     "v = html.unescape(html.escape(v))",
		"hex-round":      "v = bytes.fromhex(v.encode().hex()).decode()",
		"group":          "v = re.match(r\"(?s)(.*)\", v).group(1)",
		"sub":            "v = re.sub(r\"zzz\", \"\", v)",
		"partition":      "v = (\"k=\" + v).partition(\"=\")[2]",
		"template":       "v = string.Template(\"$t\").substitute(t=v)",
		"stringio":       "w = io.StringIO()\nw.write(v)\nv = w.getvalue()",
		"file-round":     "with open(\"kept.txt\", \"w\") as file:\n    file.write(v)\nwith open(\"kept.txt\") as file:\n    v = file.read()",
		"thread":         "with concurrent.futures.ThreadPoolExecutor() as pool:\n    v = pool.submit(same, v).result()",
		"recursion":      "v = down(v, 3)",
		"dispatch":       "v = {\"a\": same}[\"a\"](v)",
		"getattr-call":   "v = getattr(Holder(v), \"same\")().held",
		"ternary":        "v = v if len(v) > 1 else \"x\"",
		"and-or":         "v = True and v or \"x\"",
		"async":          "v = asyncio.run(later(v))",
		"session":        "session[\"text\"] = v\nv = session[\"text\"]",
	}
}

const carriersHead = `import asyncio
import base64
import collections
import concurrent.futures
import contextlib
import copy
import dataclasses
import functools
import html
import io
import itertools
import json
import re
import string
import typing
import urllib.parse

from flask import Flask, g, request, session

app = Flask(__name__)
app.secret_key = open("key.txt").read()
LAST = None
STORE = {}


class Holder:
    text = None

    def __init__(self, held):
        self.held = held

    @property
    def shown(self):
        return self.held

    def same(self):
        return self

    @classmethod
    def make(cls, held):
        return cls(held)

    @staticmethod
    def plain(held):
        return held

    def __call__(self):
        return self.held

    def __getitem__(self, key):
        return self.held

    def __iter__(self):
        yield self.held


class Narrow(Holder):
    def __init__(self, held):
        super().__init__(held)


class Refused(Exception):
    def __init__(self, text):
        super().__init__("refused")
        self.text = text


@dataclasses.dataclass
class Order:
    text: str


class Pair(typing.NamedTuple):
    first: str
    second: int


def same(text):
    return text


def by_name(**names):
    return names["text"]


def by_place(*places):
    return places[0]


def produce(text):
    yield text


def relay(text):
    yield from produce(text)


def twice(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


@twice
def decorated(text):
    return text


@functools.lru_cache
def cached(text):
    return text


@contextlib.contextmanager
def held(text):
    yield text


def down(text, steps):
    return text if steps == 0 else down(text, steps - 1)


async def later(text):
    return text
`

// carried are the views of the second generated application: every source straight, and every carrier from the query.
func carried() []view {
	var views []view
	for _, name := range sortedKeys(sources()) {
		s := sources()[name]
		views = append(views, evaluating("from/"+name, s, "v = v"))
	}
	for _, name := range sortedKeys(carriers()) {
		views = append(views, evaluating("by/"+name, sources()["args"], carriers()[name]))
	}
	return views
}

// evaluating is a view that evaluates what arrives: nothing but what the text becomes on its way can save it.
func evaluating(name string, s source, way string) view {
	return view{
		name: name, rule: "FLASK-CODE-001", route: s.route, read: s.read, lines: append(strings.Split(way, "\n"), `return {"text": str(eval(v))}`),
		payloads: []string{"7*191"}, shows: `"1337"`, send: s.send,
	}
}

// TestCarriers: a text is followed from every part of a request, by every way that leaves it what it is.
func TestCarriers(t *testing.T) {
	compareViews(t, carriersHead, carried(), map[string]string{"key.txt": "wire"})
}
