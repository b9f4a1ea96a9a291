# What start-up code leans on, run by Python and by the evaluator: both must print the same.
import functools
import itertools
from contextlib import contextmanager

A, (B, *C), D = "a", ("b", "c", "d"), 3
out("unpack", A, B, C, D)
out("format", f"{A}/{D}", "%s-%d" % (A, D), "{} {x} {0}".format(A, x=D), "{{%s}}" % B, "%(k)s" % {"k": A})
out("text", "a,b".split(","), " x ".strip(), "/a/".rstrip("/"), "ab".upper(), "a-b".replace("-", "_"), "abc"[1:], "abc"[-1], "x" * 3)
out("affix", "api/x".startswith(("api", "v1")), "x.py".endswith(".py"), "x.py".removesuffix(".py"), "a.b.c".rsplit(".", 1), "a.b".partition("."))
out("title", "the_old man".title(), "aBC".capitalize(), "-".join(["a", "b"]))
out("numbers", 1 + 2 * 3, -4, 7 - 2, 0x10, int("12"), len("abc"), len([1, 2]), 3 > 2 >= 2, not 0)
out("logic", "" or "x", "a" and "b", None or 0, 1 if A else 2, A == "a", A != "a", "b" in ["a", "b"], 4 not in (1, 2))
out("lists", [x * 2 for x in range(4) if x], [*C, 1], [(a, b) for a in "ab" for b in "cd"], sorted({"b", "a"}), list(reversed([1, 2])))
out("dicts", {"a": 1, **{"b": 2}}, {k: v for k, v in zip("ab", [1, 2])}, dict(a=1, b=2), list({"x": 1}.items()), {"a": 1}.get("b", 5))
out("tools", list(itertools.chain([1], [2])), list(enumerate(["x"], 1)), list(map(lambda x: x + 1, [1])), list(filter(None, [0, 1])), any([0, 1]), all([]))

l = [1]
l.append(2); l.extend([3, 4]); l.insert(0, 0); l.remove(3)
l += [9]
out("list methods", l, l.pop(), l)
d = {"a": 1}
d["b"] = 2; d.setdefault("c", 3); d.update({"a": 0}, e=5)
out("dict methods", d, d.pop("a"), "a" in d, list(d))


def params(a, b=2, *rest, c, d=4, **more):
    return [a, b, rest, c, d, sorted(more)]


out("params", params(1, c=3), params(1, 9, 8, 7, c=3, z=1), params(*[1, 2], **{"c": 5}))


def counter():
    n = 0

    def up(by=1):
        nonlocal n
        n += by
        return n
    return up


up = counter()
out("closure", up(), up(5), up())


class Base:
    kind = "base"
    registry = []

    def __init__(self, name, *args, **options):
        self.name = name
        self.options = options
        self.registry.append(name)

    def hello(self):
        return "base " + self.name

    @property
    def twice(self):
        return self.name * 2

    @classmethod
    def make(cls, *args):
        return cls(*args)

    @staticmethod
    def plain(x):
        return x


class Left(Base):
    def hello(self):
        return "left " + super().hello()


class Right(Base):
    kind = "right"

    def hello(self):
        return "right " + super(Right, self).hello()


class Both(Left, Right):
    def __getitem__(self, key):
        return key + self.name

    def __call__(self, x):
        return [x, self.name]


b = Both.make("n")
out("classes", b.hello(), b.kind, b.twice, b["k"], b(1), Base.plain(3), Base.registry, Both.__name__)
out("isinstance", isinstance(b, Base), isinstance(b, (str, Left)), issubclass(Both, Right), isinstance("x", str), isinstance([], dict), callable(b), hasattr(b, "no"), getattr(b, "kind"), getattr(b, "no", 7))


def deco(prefix):
    def wrap(f):
        @functools.wraps(f)
        def inner(*a):
            return prefix + f(*a)
        return inner
    return wrap


@deco("<")
@deco("[")
def named(x):
    return x


out("decorators", named("v"), named.__name__, functools.partial(params, 1, c=2)(b=3))


def gen(n):
    for i in range(n):
        yield i
    yield from ["end"]


@contextmanager
def manager(box):
    box.append("in")
    yield len(box)
    box.append("out")


out("generators", list(gen(2)))
box = []
with manager(box) as n:
    box.append(n)
out("with", box)

total = 0
for i in range(10):
    if i == 2:
        continue
    if i == 5:
        break
    total += i
else:
    total = -1
while total < 12:
    total += 1
out("loops", total)

try:
    x = 1
except ValueError:
    x = 2
else:
    x += 10
finally:
    y = 3
out("try", x, y)

match {"a": 1}.get("a"):
    case 0 | 2:
        m = "no"
    case 1:
        m = "yes"
    case _:
        m = "other"
out("match", m)

Dynamic = type("Dynamic", (Base,), {"kind": "made"})
out("type", Dynamic("q").kind, Dynamic("r").hello())
if (walrus := len("abc")) == 3:
    out("walrus", walrus)
global_name = "g"


def sets():
    global global_name
    global_name = "set"


sets()
out("global", global_name, [name for name in ("global_name", "nope") if name in globals()])
