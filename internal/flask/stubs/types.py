class SimpleNamespace:
    def __init__(self, *args, **attributes):
        for name, value in attributes.items():
            setattr(self, name, value)
