"""Read dotted paths, one a line; print those of standard modules that do not exist."""

import importlib
import sys
import warnings

warnings.simplefilter("ignore")


def exists(path):
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:end]))
        except Exception:
            continue
        for name in parts[end:]:
            if not hasattr(value, name):
                return False
            value = getattr(value, name)
        return True
    return False


for line in sys.stdin.read().split():
    if line.split(".")[0] in sys.stdlib_module_names and not exists(line):
        print(line)
