"""Write <library>-<version>.txt for every installed library that the data files are about.

Run it with an interpreter that has the libraries installed:

    python3 -m venv /path/to/venv && /path/to/venv/bin/pip install -r requirements.txt
    /path/to/venv/bin/python generate.py

A line is "owner: name name ...": the names of one module or class that some row is about. What a row calls stands with its
parameters where Python knows them: name(first,second,*,=only_by_keyword,**). Of Python's own modules only such calls are listed.
"""

import importlib
import inspect
import itertools
import pathlib
import re
import sys
import tomllib
import warnings
from importlib import metadata

HERE = pathlib.Path(__file__).parent
warnings.simplefilter("ignore")


def expand(pattern):
    parts = re.split(r"\{([^}]*)\}", pattern)
    choices = [p.split(",") if i % 2 else [p] for i, p in enumerate(parts)]
    return ["".join(c).rstrip(".") for c in itertools.product(*choices)]


def strings(value):
    return [value] if isinstance(value, str) else value


def read_rows():
    paths, aliases = set(), []
    for file in sorted((HERE.parent / "python").glob("*.toml")):
        for section, rows in tomllib.loads(file.read_text()).items():
            for row in rows if isinstance(rows, list) else []:
                if section == "aliases":
                    aliases += [(f, row["to"]) for p in strings(row["from"]) for f in expand(p)]
                    continue
                if isinstance(row, str):
                    row = {"path": row}
                for key in ("path", "call", "attr", "assign", "class"):
                    for pattern in strings(row.get(key, [])):
                        paths.update(expand(pattern))
    return paths, aliases


def spellings(path, aliases):
    """The path, and what it is called below a module that an alias row leads here from."""
    yield path
    for source, target in aliases:
        if path == target or path.startswith(target + "."):
            yield source + path[len(target):]


def resolve(path):
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:end]))
        except BaseException:
            continue
        for name in parts[end:]:
            value = getattr(value, name, None)
        return value
    return None


def parameters(owner, name):
    """What the callable takes, without self; nothing where Python does not know."""
    try:
        value = getattr(owner, name)
        params = list(inspect.signature(value).parameters.values())
    except Exception:  # flask.request outside of a request raises RuntimeError
        return ""
    if inspect.isclass(owner) and inspect.isroutine(value):
        static = inspect.getattr_static(owner, name, None)
        if not isinstance(static, (staticmethod, classmethod)):
            params = params[1:]
    marks = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    shown = [marks.get(p.kind) or ("=" if p.kind == p.KEYWORD_ONLY else "") + p.name for p in params]
    return "(" + ",".join(shown) + ")"


def write_python(owners, called):
    lines = []
    for owner in sorted(o for root in owners if root in sys.stdlib_module_names for o in owners[root]):
        value = resolve(owner)
        names = sorted(p.rpartition(".")[2] for p in called if p.rpartition(".")[0] == owner)
        taken = [n + parameters(value, n) for n in names if value is not None and parameters(value, n)]
        if taken:
            lines.append(f"{owner}: {' '.join(taken)}\n")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    (HERE / f"python-{version}.txt").write_text("".join(lines))


def main():
    paths, aliases = read_rows()
    owners, called = {}, set()
    dunders = {p.rpartition(".")[2] for p in paths if p.endswith("__")}
    for path in paths:
        for spelling in spellings(path, aliases):
            owner = spelling.rpartition(".")[0]
            called.add(spelling)
            if owner:
                owners.setdefault(owner.split(".")[0], set()).add(owner)
    wanted = re.findall(r"^([\w.-]+)==", (HERE / "requirements.txt").read_text(), re.M)
    packages = metadata.packages_distributions()
    for old in HERE.glob("*-*.txt"):
        old.unlink()
    for root in sorted(owners):
        names = [n for n in packages.get(root, []) if n.lower().replace("_", "-") in [w.lower().replace("_", "-") for w in wanted]]
        if root in sys.stdlib_module_names or not names:
            continue
        lines = []
        for owner in sorted(owners[root]):
            value = resolve(owner)
            if value is not None:
                found = [n for n in dir(value) if not n.startswith("_") or n in dunders]
                shown = [n + parameters(value, n) if f"{owner}.{n}" in called else n for n in found]
                lines.append(f"{owner}: {' '.join(shown)}\n")
        (HERE / f"{root}-{metadata.version(names[0])}.txt").write_text("".join(lines))
    write_python(owners, called)


main()
