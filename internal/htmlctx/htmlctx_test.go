package htmlctx

import (
	"fmt"
	"strings"
	"testing"
)

// places reads a text with ◦ for holes.
func places(text string) string {
	s := Start()
	var out []string
	for i, piece := range strings.Split(text, "◦") {
		if i > 0 {
			var p Place
			p, s = s.Hole()
			d := p.Kind.String()
			if p.Attr != "" {
				d += fmt.Sprintf(" %s.%s", p.Tag, strings.ReplaceAll(p.Attr, holeMark, "◦"))
				if p.Quote == 0 {
					d += " bare"
				} else {
					d += " " + string(p.Quote)
				}
			}
			if p.InString != 0 {
				d += " in" + string(p.InString)
			}
			if p.AfterHole {
				d += " again"
			}
			out = append(out, d)
		}
		s = s.Text(piece)
	}
	return strings.Join(out, ", ")
}

func TestPlaces(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"◦", "text"},
		{"<p>◦</p>◦", "text, text"},
		{"a < ◦ <3 ◦", "text, text"},
		{"<title>◦</title><textarea>◦</textarea>◦", "text, text, text"},
		{"<!-- ◦ --> ◦ <!DOCTYPE ◦>◦", "comment, text, comment, text"},
		{"<!-- -->◦<!----->◦", "text, text"},
		{"<◦ ◦=◦>◦</◦>◦", "tag-name, attr-name, attr \x00.◦ bare, text, tag-name, text"},
		{"<h◦>◦", "tag-name, text"},
		{`<a class="◦ b" id='◦' name=◦ title = ◦>◦`, `attr a.class ", attr a.id ', attr a.name bare, attr a.title bare, text`},
		{`<div ◦><div ◦="x◦">`, `attr-name, attr-name, attr div.◦ "`},
		{`<option selected ◦ value="◦">`, `attr-name, attr option.value "`},
		{`<br/><input value=◦/>◦`, `attr input.value bare, text`},
		{`<a href="◦">`, `url a.href "`},
		{`<a href="◦/◦">`, `url a.href ", url-part a.href "`},
		{`<a href="/x/◦">`, `url-part a.href "`},
		{`<a href=" jav◦">`, `url a.href "`},
		{`<a href="https://◦">`, `url-part a.href "`},
		{`<a href="javascript:f('◦', ◦)">`, `script-string a.href " in', script a.href " again`},
		{`<A HREF=◦>`, `url a.href bare`},
		{`<img src="◦"><link href="◦"><iframe src="◦"></iframe><object data='◦'>`, `attr img.src ", attr link.href ", url iframe.src ", url object.data '`},
		{`<script src="◦"></script>◦`, `url script.src ", text`},
		{`<form action="◦"><button formaction="◦">`, `url form.action ", url button.formaction "`},
		{`<iframe srcdoc="◦"></iframe><p style="x: ◦">`, `srcdoc iframe.srcdoc ", style p.style "`},
		{`<meta http-equiv="refresh" content="◦; url=◦">`, `attr meta.content ", url meta.content "`},
		{`<meta name="x" content="◦; url=◦">`, `attr meta.content ", attr meta.content "`},
		{`<style>a { color: ◦ }</style>◦`, `style, text`},
		{`<b onclick="f('◦')" onload='f(&quot;◦&quot;, ◦)'>`, `script-string b.onclick " in', script-string b.onload ' in", script b.onload ' again`},
		{`<b onclick=f(◦)>◦`, `script b.onclick bare, text`},
		{`<b once="◦" on="◦" @click="◦" x-data="{a: '◦'}">`, `attr b.once ", attr b.on ", script b.@click ", script-string b.x-data " in'`},
		{"<script>var a = ◦, b = '◦', c = \"◦\", d = `◦${◦}◦`; // ◦\n/* ◦ */ ◦</script>◦",
			`script, script-string in', script-string in" again, script-template again, script again, script-template again, script-comment again, script-comment, script, text`},
		{"<script>var a = '◦';\nvar b = '◦'</script>", `script-string in', script-string in'`},
		{"<script>x = a / ◦; y = /◦[/]◦/; return /'/◦; z = (1) / '◦'</script>", `script, script-regex, script-regex, script, script-string in'`},
		{"<script>'</script>◦", "text"},
		{"<script>'\\'◦'; \"\\\\\" + ◦</script>", `script-string in', script again`},
		{"<script>`${ {a: `${◦}`} }◦`</script>", "script, script-template"},
		{"<script>if (a < b) ◦ <i ◦</script>", "script, script"},
		{`<script type="application/json">◦</script><script type="text/x-template">◦</script><script type=module>◦</script>`, "json, data, script"},
		{"<script><!-- <script>◦</script>◦</script>◦<script><!-- --> <script>◦</script>◦", "script-comment, script-comment, text, script-comment, text"},
		{`<SCRIPT>◦</Script >◦`, "script, text"},
		{"<svg><a xlink:href='◦'>", "url a.xlink:href '"},
		{"<p\n◦", "attr-name"},
		{"</p ◦>◦", "comment, text"},
		{"<?php ◦ ?>◦", "comment, text"},
	} {
		if got := places(c.text); got != c.want {
			t.Errorf("%s\n got  %s\n want %s", c.text, got, c.want)
		}
	}
}

// TestPieces: the state does not depend on where the text is cut.
func TestPieces(t *testing.T) {
	text := "a<!-- x --><p class='b' onclick=\"f('a&quot;')\">t</p><script type='module'>var a = `b${c}` / /d/; </scr </script><textarea>x</textarea><a href=\"/b\">"
	for i := range len(text) {
		whole := Start().Text(text[:i])
		cut := Start()
		for j := range i {
			cut = cut.Text(text[j : j+1])
		}
		if !strings.Contains(text[:i], "&") && whole != cut {
			t.Errorf("%q: %+v in one piece, %+v in many", text[:i], whole, cut)
		}
	}
}

func TestJoin(t *testing.T) {
	for _, c := range []struct{ a, b, then, want string }{
		{"<p>", "<b>", "◦", "text"},
		{"<option selected", "<option ", " value=\"◦\">◦", "attr \", text"},
		{"<a class=\"x\" ", "<a ", "href=\"◦\"", "url \""},
		{"<a href=\"/x/", "<a href=\"", "◦", "url \""},
		{"<a href=\"javascript:", "<a href=\"", "◦", "script \""},
		{"<p title='", "<p title=\"", "◦", "attr ' unsure"},
		{"<script>a = 'x'", "<script>", "; ◦", "script"},
	} {
		s := Join(Start().Text(c.a), Start().Text(c.b))
		var got []string
		for i, piece := range strings.Split(c.then, "◦") {
			if i > 0 {
				var p Place
				p, s = s.Hole()
				d := p.Kind.String()
				if p.Quote != 0 {
					d += " " + string(p.Quote)
				}
				if p.Unsure {
					d += " unsure"
				}
				got = append(got, d)
			}
			s = s.Text(piece)
		}
		if g := strings.Join(got, ", "); g != c.want {
			t.Errorf("%s / %s: got %s, want %s", c.a, c.b, g, c.want)
		}
	}
}

// FuzzState demands of any text: no panic, and the same state in one piece as in two.
func FuzzState(f *testing.F) {
	f.Add("<a href=\"/x\" onclick='f(1)'>b</a><script>`${a}`</script>", 7)
	f.Add("<!-- a --><textarea></textareax</textarea>", 30)
	f.Fuzz(func(t *testing.T, text string, at int) {
		if at < 0 || at > len(text) || strings.Contains(text, "&") {
			t.Skip()
		}
		whole, cut := Start().Text(text), Start().Text(text[:at]).Text(text[at:])
		if whole != cut {
			t.Fatalf("%+v in one piece, %+v in two", whole, cut)
		}
		_, s := whole.Hole()
		Join(s, whole)
	})
}
