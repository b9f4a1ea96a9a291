"""What Jinja2 says of templates: one JSON object a line in, one out.

In: {"text": …} or {"path": …}, with "options" for the environment. Out: {"error": …} or {"dump": …}, where the dump is the tree in
the form that jinja.Dump writes.
"""
import json
import sys

import jinja2
from jinja2 import nodes

EXTENSIONS = ["jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n", "jinja2.ext.debug"]
OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "not in"}
BINARY = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**"}
SAME = {"And", "Or", "Not", "Neg", "Pos", "Tuple", "List", "Concat"}


def quote(text):
    out = []
    for c in text:
        if c.isascii() and (c.isalnum() or c in "_.") or ord(c) >= 0x80:
            out.append(c)
        else:
            out.append("%%%02x" % ord(c))
    return "".join(out)


def node(kind, text="", flags="", kids=(), bodies=()):
    parts = [kind]
    if text:
        parts.append(quote(text))
    parts += flags.split()
    parts += kids
    return "(" + " ".join(parts) + "".join(" " + b for b in bodies) + ")"


def expr(n):
    if n is None:
        return "-"
    kind = type(n).__name__
    if kind in SAME:
        return node(kind, kids=[expr(c) for c in n.iter_child_nodes()])
    if kind in BINARY:
        return node("Binary", BINARY[kind], kids=[expr(n.left), expr(n.right)])
    return EXPRESSIONS[kind](n)


def const(n):
    v = n.value
    if v is None:
        return "(Null)"
    if isinstance(v, bool):
        return node("Bool", "true" if v else "false")
    if isinstance(v, str):
        return node("Str", v)
    return "(Float)" if isinstance(v, float) else "(Int)"


def call_args(n):
    out = [expr(a) for a in n.args]
    out += [node("Keyword", k.key, kids=[expr(k.value)]) for k in n.kwargs]
    if n.dyn_args is not None:
        out.append(node("Star", kids=[expr(n.dyn_args)]))
    if n.dyn_kwargs is not None:
        out.append(node("StarStar", kids=[expr(n.dyn_kwargs)]))
    return out


EXPRESSIONS = {
    "Const": const,
    "Name": lambda n: node("Name", n.name),
    "NSRef": lambda n: node("GetAttr", n.attr, kids=[node("Name", n.name)]),
    "Dict": lambda n: node("Dict", kids=[expr(x) for p in n.items for x in (p.key, p.value)]),
    "Getattr": lambda n: node("GetAttr", n.attr, kids=[expr(n.node)]),
    "Getitem": lambda n: node("GetItem", kids=[expr(n.node), expr(n.arg)]),
    "Slice": lambda n: node("Slice", kids=[expr(n.start), expr(n.stop), expr(n.step)]),
    "Call": lambda n: node("Call", kids=[expr(n.node)] + call_args(n)),
    "Filter": lambda n: node("Filter", n.name, kids=[expr(n.node)] + call_args(n)),
    "Test": lambda n: node("Test", n.name, kids=[expr(n.node)] + call_args(n)),
    "Compare": lambda n: node("Compare", kids=[expr(n.expr)] + [node("Operand", OPERATORS[o.op], kids=[expr(o.expr)]) for o in n.ops]),
    "CondExpr": lambda n: node("Cond", kids=[expr(n.test), expr(n.expr1), expr(n.expr2)]),
}


def body(stmts):
    out, data = [], []

    def flush():
        if data:
            out.append(node("Data", "".join(data)))
            data.clear()

    for s in stmts:
        if isinstance(s, nodes.Assign) and isinstance(s.target, nodes.Name) and s.target.name == "_trans":
            continue
        if not isinstance(s, nodes.Output) or is_trans(s) or is_debug(s):
            flush()
            out.append(stmt(s))
            continue
        for n in s.nodes:
            if isinstance(n, nodes.TemplateData):
                if n.data:
                    data.append(n.data)
            else:
                flush()
                out.append(node("Output", kids=[expr(n)]))
    flush()
    return "{" + "".join(out) + "}"


def is_trans(s):
    return any(isinstance(n, nodes.MarkSafeIfAutoescape) or isinstance(n, nodes.Mod) and isinstance(n.left, nodes.MarkSafeIfAutoescape)
               for n in s.nodes)


def is_debug(s):
    return any(isinstance(n, nodes.Call) and isinstance(n.node, nodes.ExtensionAttribute) for n in s.nodes)


def bodies(n, *lists):
    return [body(b) for b in lists]


def params(n):
    first = len(n.args) - len(n.defaults)
    return [node("Param", a.name, kids=[expr(n.defaults[i - first])] if i >= first else []) for i, a in enumerate(n.args)]


def branch(n, rest, orelse, flags=""):
    lists = [body(n.body)]
    if rest:
        lists.append("{" + branch(rest[0], rest[1:], orelse, "elif") + "}")
    elif orelse:
        lists.append(body(orelse))
    return node("If", "", flags, [expr(n.test)], trim(lists))


def trim(lists):
    while lists and lists[-1] == "{}":
        lists.pop()
    return lists


def flags(**kw):
    return " ".join(k.replace("_", "-") for k, v in kw.items() if v)


def imported(name):
    if isinstance(name, tuple):
        return node("ImportName", name[0], kids=[node("Alias", name[1])])
    return node("ImportName", name)


def stmt(s):
    if isinstance(s, nodes.Output):
        return "(Debug)" if is_debug(s) else "(Trans)"
    return STATEMENTS[type(s).__name__](s)


STATEMENTS = {
    "Extends": lambda s: node("Extends", kids=[expr(s.template)]),
    "Block": lambda s: node("Block", s.name, flags(scoped=s.scoped, required=s.required), bodies=trim([body(s.body)])),
    "Include": lambda s: node("Include", "", flags(ignore_missing=s.ignore_missing, context=s.with_context), [expr(s.template)]),
    "Import": lambda s: node("Import", s.target, flags(context=s.with_context), [expr(s.template)]),
    "FromImport": lambda s: node("FromImport", "", flags(context=s.with_context), [expr(s.template)] + [imported(n) for n in s.names]),
    "Macro": lambda s: node("Macro", s.name, kids=params(s), bodies=trim([body(s.body)])),
    "CallBlock": lambda s: node("CallBlock", kids=[expr(s.call)] + params(s), bodies=trim([body(s.body)])),
    "FilterBlock": lambda s: node("FilterTag", kids=[expr(s.filter)], bodies=trim([body(s.body)])),
    "Assign": lambda s: node("Set", kids=[expr(s.target), expr(s.node)]),
    "AssignBlock": lambda s: node("SetBlock", kids=[expr(s.target), expr(s.filter)], bodies=trim([body(s.body)])),
    "For": lambda s: node("For", "", flags(recursive=s.recursive), [expr(s.target), expr(s.iter), expr(s.test)],
                          trim([body(s.body), body(s.else_)])),
    "If": lambda s: branch(s, s.elif_, s.else_),
    "With": lambda s: node("With", kids=[expr(x) for p in zip(s.targets, s.values) for x in p], bodies=trim([body(s.body)])),
    "Scope": lambda s: node("Autoescape", kids=[expr(s.body[0].options[0].value)], bodies=trim([body(s.body[0].body)])),
    "ExprStmt": lambda s: node("Do", kids=[expr(s.node)]),
    "Break": lambda s: "(Break)",
    "Continue": lambda s: "(Continue)",
}


def answer(question):
    try:
        text = question.get("text")
        if text is None:
            with open(question["path"], encoding="utf-8", newline="") as f:
                text = f.read()
        env = jinja2.Environment(extensions=EXTENSIONS, keep_trailing_newline=True, **question.get("options", {}))
        return {"dump": "(Template " + body(env.parse(text).body) + ")"}
    except jinja2.TemplateSyntaxError as e:
        return {"error": str(e.message), "line": e.lineno}
    except (UnicodeDecodeError, RecursionError) as e:
        return {"skip": type(e).__name__}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))))
