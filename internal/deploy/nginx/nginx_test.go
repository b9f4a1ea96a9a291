package nginx

import (
	"fmt"
	"strings"
	"testing"
)

// dump writes a tree on lines, indented.
func dump(list []*Directive, indent string) string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "%s%d %s", indent, d.Line, d.Name)
		for _, a := range d.Args {
			fmt.Fprintf(&b, " %q", a)
		}
		b.WriteByte('\n')
		b.WriteString(dump(d.Block, indent+"  "))
	}
	return b.String()
}

func TestParse(t *testing.T) {
	f, problems := Parse("nginx.conf", []byte(`# front
upstream app { server web:8000; }
server {
    listen 443 ssl; server_name "shop.example" ~^www\.shop\d{2}$;
    add_header X-A 'it''s' always;  # kept
    location ~* \.(png|jpg)$ {
        if ($http_origin ~ "^https://a\.example$") { set $cors "true"; }
        expires 30d;
    }
    location /${PREFIX}/ { proxy_pass http://app; }
    content_by_lua_block { if x then { y } end }
    return 301 https://shop.example$request_uri;
}
`))
	if len(problems) != 0 {
		t.Error(problems)
	}
	want := `2 upstream "app"
  2 server "web:8000"
3 server
  4 listen "443" "ssl"
  4 server_name "shop.example" "~^www\\.shop\\d{2}$"
  5 add_header "X-A" "it" "s" "always"
  6 location "~*" "\\.(png|jpg)$"
    7 if "($http_origin" "~" "^https://a\\.example$" ")"
      7 set "$cors" "true"
    8 expires "30d"
  10 location "/${PREFIX}/"
    10 proxy_pass "http://app"
  11 content_by_lua_block
  12 return "301" "https://shop.example$request_uri"
`
	if got := dump(f.Directives, ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestInheritance(t *testing.T) {
	f, _ := Parse("n", []byte(`http {
add_header X-A 1; client_max_body_size 1m;
server {
  proxy_set_header Host $host;
  location / { proxy_set_header X-B 2; }
  location /b { client_max_body_size 9m; add_header X-C 3; }
}}`))
	server := f.Directives[0].Own("server")[0]
	locs := server.Own("location")
	if got := locs[0].List("add_header"); len(got) != 1 || got[0].Arg(0) != "X-A" {
		t.Error("not inherited:", got)
	}
	if got := locs[0].Lost("proxy_set_header"); len(got) != 1 || got[0].Arg(0) != "Host" {
		t.Error("the lost header is not told:", got)
	}
	if got := locs[1].List("add_header"); len(got) != 1 || got[0].Arg(0) != "X-C" {
		t.Error("replaced list:", got)
	}
	if locs[0].Lost("add_header") != nil || locs[0].Value("client_max_body_size").Arg(0) != "1m" || locs[1].Value("client_max_body_size").Arg(0) != "9m" {
		t.Error("single value")
	}
	if locs[1].Enclosing("server") != server || server.Enclosing("location") != nil {
		t.Error("enclosing")
	}
}

func TestJoin(t *testing.T) {
	files := map[string]*File{}
	for name, text := range map[string]string{
		"nginx.conf": "http { include conf.d/*.conf; include missing; }",
		"a.conf":     "server { include proxy.inc; }\ninclude a.conf;\ninclude nginx.conf;",
		"proxy.inc":  "proxy_set_header Host $host;",
	} {
		files[name], _ = Parse(name, []byte(text))
	}
	got := dump(Join(files["nginx.conf"], func(_, pattern string) []*File {
		if pattern == "conf.d/*.conf" {
			return []*File{files["a.conf"]}
		}
		if f := files[pattern]; f != nil {
			return []*File{f}
		}
		return nil
	}), "")
	want := `1 http
  1 server
    1 proxy_set_header "Host" "$host"
  2 include "a.conf"
  3 include "nginx.conf"
  1 include "missing"
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestJoinIsBounded(t *testing.T) {
	var all []*File
	for i := range 10 {
		f, _ := Parse(fmt.Sprint(i), []byte(strings.Repeat("include x;\n", 10)))
		all = append(all, f)
	}
	if n := len(Join(all[0], func(string, string) []*File { return all })); n > maxDirectives {
		t.Error(n)
	}
}

func TestBadInput(t *testing.T) {
	for name, text := range map[string]string{
		"deep":           strings.Repeat("a {", 10_000),
		"closing":        strings.Repeat("}", 10_000),
		"many":           strings.Repeat("a;", 3*maxDirectives),
		"open quote":     `a "bc`,
		"no semicolon":   "server { listen 80 }",
		"unterminated":   "server { listen 80",
		"open reference": "a ${b\nc;",
		"binary":         "\x00\xff\xfe{{{;;;}}}",
		"lua":            "a_by_lua_block { { ",
		"backslash":      `a \`,
	} {
		f, problems := Parse("x", []byte(text))
		if f == nil || len(problems) == 0 && name != "open reference" {
			t.Error(name, "no problem told")
		}
		if len(problems) > maxProblems+1 {
			t.Error(name, len(problems))
		}
	}
	if _, p := Parse("x", make([]byte, 2<<20)); len(p) != 1 {
		t.Error("size")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("server { listen 80; location / { proxy_pass http://a; } }"))
	f.Add([]byte("map $a $b { default \"\"; ~x ${y}; }\n# c\nif ($a ~ {{ b }}) { return 1; }"))
	f.Add([]byte(`a "b\"c" 'd' \{;`))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, _ := Parse("x", text)
		lines := strings.Count(string(text), "\n") + 1
		Walk(file.Directives, func(d *Directive) {
			if d.Line < 1 || d.Line > lines {
				t.Errorf("line %d of %d", d.Line, lines)
			}
			for _, c := range d.Block {
				if c.Parent != d {
					t.Error("parent")
				}
			}
		})
	})
}
