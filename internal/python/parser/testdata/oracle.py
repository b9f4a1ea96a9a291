"""Prints what CPython's own parser makes of files, for comparison with ours.

Reads paths from standard input. For each one prints a line: the first 16 hex digits of the SHA-256 of a dump, or
"error" and the message. With the argument --dump it prints the dump itself instead.

The dump is that of ast.dump with spans, without what is absent. Two flags travel in front of each path:
  f  leave out spans below f-strings (CPython before 3.12 has no true ones)
  n  leave out all spans
  a  (not used here) the names of imports have no spans before 3.10
  s  hide the values of strings (the file names characters with \\N{...})
"""

import ast
import hashlib
import sys
import warnings

warnings.simplefilter("ignore")
sys.setrecursionlimit(20000)
if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)

SKIP = {"type_comment", "type_ignores", "kind", "ctx", "str"}
OLD = sys.version_info < (3, 9)


class Dumper:
    def __init__(self, flags):
        self.inner_spans = "f" not in flags
        self.spans = "n" not in flags
        self.strings = "s" not in flags
        self.joined = 0
        self.out = []

    def value(self, v):
        if isinstance(v, str):
            return ascii(v) if self.strings else "str"
        return repr(v)

    def node(self, n):
        name = type(n).__name__
        if OLD and name == "Index":
            return self.node(n.value)
        out = self.out
        out.append("Tuple" if name == "ExtSlice" else name)
        if self.spans and hasattr(n, "lineno") and (self.inner_spans or not self.joined):
            out.append("@%d:%d-%d:%d" % (n.lineno, n.col_offset, n.end_lineno, n.end_col_offset))
        out.append("(")
        joined = name in ("JoinedStr", "TemplateStr")
        self.joined += joined
        first = True
        for field in n._fields:
            if field in SKIP:
                continue
            v = getattr(n, field, None)
            constant = field == "value" and name in ("Constant", "MatchSingleton")
            if (v is None or v == []) and not constant:
                continue
            if field == "is_lazy" and not v:
                continue
            if joined and field == "values":
                # CPython 3.12 ends a format specification with an empty constant.
                v = [x for x in v if not (isinstance(x, ast.Constant) and x.value == "")]
                if not v:
                    continue
            if not first:
                out.append(", ")
            first = False
            if name == "ExtSlice":
                field = "elts"
            out.append(field)
            out.append("=")
            if constant:
                out.append(self.value(v))
            elif isinstance(v, list):
                self.list(v)
            elif isinstance(v, ast.AST):
                self.node(v)
            else:
                out.append(ascii(v))
        ctx = getattr(n, "ctx", None)
        if name == "ExtSlice":
            out.append(", ctx=Load()")
        elif ctx is not None:
            out.append("" if first else ", ")
            out.append("ctx=" + type(ctx).__name__ + "()")
        self.joined -= joined
        out.append(")")

    def list(self, v):
        out = self.out
        out.append("[")
        for i, x in enumerate(v):
            if i:
                out.append(", ")
            if isinstance(x, ast.AST):
                self.node(x)
            else:
                out.append(ascii(x))
        out.append("]")


def dump(flags, path):
    with open(path, "rb") as file:
        tree = ast.parse(file.read())
    d = Dumper(flags)
    d.node(tree)
    return "".join(d.out)


def main():
    whole = "--dump" in sys.argv
    print("%d.%d.%d" % sys.version_info[:3], flush=True)
    for line in sys.stdin:
        flags, path = line.rstrip("\n").split("\t", 1)
        try:
            text = dump(flags, path)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as e:
            print("error", type(e).__name__, str(e).replace("\n", " ")[:100])
            continue
        print(text if whole else hashlib.sha256(text.encode()).hexdigest()[:16])


main()
