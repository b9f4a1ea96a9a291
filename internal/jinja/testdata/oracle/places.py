"""Where a browser's parser puts a marker: one JSON text a line in, one JSON string out.

Out: "text ELEMENT" for character data (the element only where it is script, style, title or textarea), "comment", "attr TAG NAME" for a value,
"attr-name", "tag-name", or "" where the marker does not come through.
"""
import json
import sys

import html5lib
from html5lib.constants import namespaces

MARK = "qx7"
SPECIAL = {"script", "style", "title", "textarea"}


def place(text):
    tree = html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False)
    for e in tree.iter():
        if not isinstance(e.tag, str):
            if MARK in (e.text or ""):
                return "comment"
            if MARK in (e.tail or ""):
                return "text"
            continue
        name = e.tag.split("}")[-1]
        if MARK in name:
            return "tag-name"
        for k, v in e.attrib.items():
            key = k.split("}")[-1]
            if MARK in key:
                return "attr-name"
            if MARK in v:
                return f"attr {name} {key}"
        if MARK in (e.text or ""):
            return f"text {name}" if name in SPECIAL else "text"
        if MARK in (e.tail or ""):
            return "text"
    return ""


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(place(json.loads(line))))
