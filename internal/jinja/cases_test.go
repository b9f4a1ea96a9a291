package jinja_test

// cases are templates for Jinja2 to judge; --- on a line of its own stands between those of one case.
var cases = []struct {
	name    string
	options map[string]any
	texts   string
}{
	{name: "text", texts: "\n---\nplain\n---\n{ % }\n---\na {{ b }} c\n---\n{{ b }}{{ c }}\n---\n{#c#}\n---\na{#c#}b\n---\n{#-#}\n---\n{#"},
	{name: "whitespace", texts: "a \n{%- if x -%} \n b {%+ endif +%}\nc\n---\n{{- a -}} b\n---\n a {#- x -#} b\n---\n{%- raw -%} {{ x }} {%- endraw -%} y\n---\n{% raw %}{{{% endraw %}\n---\n{%raw%}{% endra %}{%endraw%}\n---\n{% raw %}"},
	{name: "trim and lstrip", options: map[string]any{"trim_blocks": true, "lstrip_blocks": true},
		texts: "<ul>\n  {% for x in y %}\n  <li>{{ x }}</li>\n  {% endfor %}\n</ul>\n---\n  {%+ if x %}\n\n  {% endif +%}\n\n---\n  {# c #}\n  {{ a }}\n---\n a {% if b %}{% endif %}"},
	{name: "line statements", options: map[string]any{"line_statement_prefix": "#", "line_comment_prefix": "##"},
		texts: "# for x in y\n  {{ x }}\n# endfor\n---\n# if a:\nb ## note\n# endif\n---\n<p> ## gone\n---\n# set x = [1,\n 2]\ny\n---\n# if x\n\n\n  y\n#endif\n---\na # b\n---\n#-for a in b\nc\n# endfor"},
	{name: "brackets and ends", texts: "{{ {'a': {}} }}\n---\n{{ {'a': '}}'} }}\n---\n{{ a } }}\n---\n{{ (a }}\n---\n{{ (a }} b }}\n---\n{% if (a %}{% endif %}"},
	{name: "inheritance", texts: "{% extends 'a.html' %}{% block b %}x{{ super() }}{% endblock b %}\n---\n{% block a scoped required %} {# c #}{% endblock %}\n---\n{% block a required %}x{% endblock %}\n---\n{% block a-b %}{% endblock %}\n---\n{% extends x if y else 'z' %}{{ self.a() }}"},
	{name: "include and import", texts: "{% include ['a', 'b'] ignore missing without context %}\n---\n{% from 'f' import a, b as c with context %}\n---\n{% import 'f' as f without context %}{{ f.x(1) }}\n---\n{% from 'f' import with context %}\n---\n{% from 'f' import a as none %}\n---\n{% from x import %}"},
	{name: "nesting", texts: "{% if a %}{% for b in c %}{% endif %}{% endfor %}\n---\n{% for a in b %}{% else %}{% else %}{% endfor %}\n---\n{% if a %}{% else %}{% elif b %}{% endif %}\n---\n{% endif %}\n---\n{% block a %}{% if %}{% endblock %}"},
	{name: "operators", texts: "{{ -a ** b }}\n---\n{{ -a|abs }}\n---\n{{ a ~ b ~ c + d }}\n---\n{{ not a in b }}\n---\n{{ a not in b not in c }}\n---\n{{ a < b <= c == d }}\n---\n{{ 2 ** 3 ** 4 }}\n---\n{{ a or b and not c }}\n---\n{{ +-a.b }}\n---\n{{ a - -b }}"},
	{name: "tests", texts: "{{ a is not b(1).c }}\n---\n{{ a is divisibleby 3 and b }}\n---\n{{ a is b is c }}\n---\n{{ a is x.y }}\n---\n{{ a is sameas none }}\n---\n{{ a is eq 'x' }}\n---\n{{ a is defined if b else c }}\n---\n{{ (a is b)|c }}\n---\n{{ a is in [1] }}"},
	{name: "conditions", texts: "{{ a if b }}\n---\n{{ a if b else c if d else e }}\n---\n{{ (a if b else c).d }}\n---\n{% for x in a if b %}{% endfor %}\n---\n{% for x in (a if b else c) recursive %}{{ loop(x) }}{% endfor %}\n---\n{% if a if b else c %}{% endif %}"},
	{name: "literals", texts: "{{ 1_0 }}{{ 0x_f }}{{ 0b }}\n---\n{{ 1.5e-3 }}{{ 2e1 }}\n---\n{{ 1.e3 }}\n---\n{{ 'a' \"b\" }}\n---\n{{ '\\N{BULLET' }}\n---\n{{ '\\u12' }}\n---\n{{ '\\8\\101' }}\n---\n{{ true, True, none, None, false }}\n---\n{{ 1.2.3 }}\n---\n{{ a.1.5 }}\n---\n{{ 'a\n' }}\n---\n{{ 5 }"},
	{name: "set", texts: "{% set a %}x{% endset %}\n---\n{% set a | upper | b(1) %}x{% endset %}\n---\n{% set ns.a = 1 %}\n---\n{% set a, b = 1, 2 %}\n---\n{% set a.b.c = 1 %}\n---\n{% set a[0] = 1 %}\n---\n{% set a = 1 if b %}\n---\n{% set a == 1 %}"},
	{name: "calls", texts: "{{ f(a, *b, c=1, **d) }}\n---\n{{ f(a=1, b) }}\n---\n{{ f(**a, **b) }}\n---\n{{ f(,) }}\n---\n{{ f(a,)(b) }}\n---\n{{ a|f(1)(2) }}\n---\n{% call(a, b=1) f(2) %}{{ a }}{% endcall %}\n---\n{% call f %}{% endcall %}\n---\n{{ f(a == b) }}"},
	{name: "translation", texts: "{% trans %}a{% endtrans %}\n---\n{% trans n=x|length %}{{ n }} a{% pluralize %}{{ n }} b{% endtrans %}\n---\n{% trans %}a{% pluralize %}b{% endtrans %}\n---\n{% trans a, a %}b{% endtrans %}\n---\n{% trans %}{% if a %}{% endif %}{% endtrans %}\n---\n{% trans %}{{ a.b }}{% endtrans %}\n---\n{% trans trimmed %} a \n b {% endtrans %}\n---\n{% trans: %}a{% endtrans %}\n---\n{% trans a, : %}b{% endtrans %}\n---\n{% trans %}a"},
	{name: "other tags", texts: "{% do a.append(1), 2 %}\n---\n{% with %}{% endwith %}\n---\n{% with a=1, b=a %}{{ b }}{% endwith %}\n---\n{% autoescape not a %}{% endautoescape %}\n---\n{% filter a|b %}c{% endfilter %}\n---\n{% debug %}\n---\n{% print a, b %}\n---\n{% csrf_token %}\n---\n{% for a in b: %}{% break %}{% continue %}{% endfor %}\n---\n{% 1 %}\n---\n{% %}"},
	{name: "custom delimiters", options: map[string]any{"block_start_string": "<%", "block_end_string": "%>", "variable_start_string": "<%=", "variable_end_string": "%>"},
		texts: "<% if a %><%= a %><% endif %>\n---\n<%=a%>{{ b }}\n---\n<% raw %><%= a %><% endraw %>"},
	{name: "line breaks", texts: "a\r\n{%- if b %}\r{% endif %}\r\n\n---\n{{ 'a\r\nb' }}\n---\n{% if\ra %}{% endif %}"},
}
