"""What Jinja2 makes of hostile values: one JSON object a line in, one out.

In: {"text": template, "files": {name: template}}, which shows the variable q. Out: {"html": …, "attr": …, "url": …, "error": …}: whether
a tag, an attribute or a javascript: URL of the value's own choice comes out as one, with escaping on as in Flask's HTML files.
"""
import html.parser
import json
import sys

import jinja2

TAGS = ["<i>x</i>", "&lt;i&gt;x"]
ATTRS = [" onx=1 ", '" onx="1', "' onx='1", '"><b onx=1>']
URL = "javascript:x"


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.names, self.urls = set(), []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            self.names.add(name)
            if name in ("href", "src", "action"):
                self.urls.append((value or "").strip().lower())


def read(page):
    r = Reader()
    r.feed(page)
    r.close()
    return r


def answer(question):
    env = jinja2.Environment(autoescape=True, loader=jinja2.DictLoader(question.get("files", {})))
    try:
        template = env.from_string(question["text"])
        out = {"html": any("<i>x" in template.render(q=p).lower() for p in TAGS)}
        out["attr"] = any("onx" in read(template.render(q=p)).names for p in ATTRS)
        out["url"] = any(u.startswith("javascript:") for u in read(template.render(q=URL)).urls)
        return out
    except (jinja2.TemplateError, TypeError, ValueError) as e:
        return {"error": f"{type(e).__name__}: {e}"}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))))
