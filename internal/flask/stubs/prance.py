# A parser of OpenAPI documents; what it read stands for its file.


class BaseParser:
    def __init__(self, url=None, spec_string=None, lazy=False, **options):
        self.url = url
        self.specification = url

    def parse(self):
        pass


ResolvingParser = BaseParser
TranslatingParser = BaseParser
_TranslatingParser = BaseParser
