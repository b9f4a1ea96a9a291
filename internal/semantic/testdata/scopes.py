import os


class Outer:
    limit = 1
    both = [limit for limit in range(3)]
    gen = (lambda: limit)

    def method(self, a=limit, *args, key: int = 2, **kw) -> "Outer":
        global seen
        seen = a

        def inner():
            nonlocal a
            a += key
            return [a + b for b in args if (last := b)] and last

        class Local(Outer):
            a = a

            def deep(self):
                return a, kw, limit

        try:
            import json.decoder
        except ImportError as error:
            print(error)
        for i, (j, *k) in args:
            del j
        with open("x") as f, f as (g, h):
            pass
        return inner, Local


def walrus(xs):
    return any((hit := x) for y in xs for x in y if (other := y)), hit, other


def comprehension_cell(xs):
    return [lambda: x + z for x in xs for z in x], {k: v for k, v in xs.items()}
