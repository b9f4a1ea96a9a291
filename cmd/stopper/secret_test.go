package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stopper/internal/cli"
)

// secretApp holds keys in every form that the rules look at. Each value ends in "Zq7" so that a leak is easy to see.
var secretApp = map[string]string{
	"app.py": `import os

from flask import Flask, redirect, request, session

from settings import Base

app = Flask(__name__)
app.config.from_object(Base)
app.config["SECRET_KEY"] = "r4Lk_item_9vXw2mQe8_Zq7"
app.config["SECRET_KEY_FALLBACKS"] = ["r4Lk_fallback_9vXw2mQe_Zq7", b"r4Lk_bytes_9vXw2mQe8Yt_Zq7"]
app.config.update(JWT_SECRET_KEY="r4Lk_update_9vXw2mQe8Y_Zq7", WTF_CSRF_SECRET_KEY='r4Lk_csrf_9vXw2mQe8Yt_Zq7')
app.secret_key = (
    "r4Lk_multi_"
    "9vXw2mQe8Yt_Zq7"
)
fallback = "r4Lk_fallback_9vXw2mQe_Zq7"
print("key", app.config["SECRET_KEY"], "r4Lk_item_9vXw2mQe8_Zq7")


@app.get("/")
def home():
    session["seen"] = "r4Lk_item_9vXw2mQe8_Zq7"; return redirect(request.args["r4Lk_item_9vXw2mQe8_Zq7"])
`,
	"settings.py": `import os


class Base:
    SECRET_KEY = os.environ.get("SECRET_KEY", "r4Lk_default_9vXw2mQe8_Zq7")
    SECURITY_PASSWORD_SALT = os.getenv("SALT") or """r4Lk_triple_9vXw2mQe8_Zq7"""
    JWT_SECRET = "secret_word_Zq7"
`,
	".env":               "SECRET_KEY=r4Lk(dotenv)9vXw2mQe8,Zq7\nFLASK_SECRET_KEY='r4Lk_quoted_9vXw2mQe8Y_Zq7'\n",
	"docker-compose.yml": "services:\n  web:\n    command: gunicorn app:app\n    environment:\n      SECRET_KEY: r4Lk compose 9vXw2mQe8 Zq7\n",
	"Dockerfile":         "FROM python:3.13\nENV SECRET_KEY=r4Lk_docker_9vXw2mQe8Y_Zq7\nCMD [\"gunicorn\", \"app:app\"]\n",
	"Procfile":           "web: SECRET_KEY=r4Lk_procfile_9vXw2mQe8_Zq7 gunicorn app:app\n",
}

func TestNoSecretInAnyOutput(t *testing.T) {
	dir := t.TempDir()
	for name, text := range secretApp {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"audit", "--format", "text"}, {"audit", "--format", "json"}, {"audit", "--format", "sarif"}, {"audit", "--format", "html"},
		{"audit", "--format", "markdown"}, {"audit", "--format", "gitlab"}, {"audit", "--format", "github"},
		{"config"}, {"config", "--format", "json"}, {"routes", "--format", "json"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			var out, errs bytes.Buffer
			env := environment()
			env.Stdout, env.Stderr = &out, &errs
			full := append(args, dir)
			if args[0] == "audit" {
				full = append(full, "--min-confidence", "low")
			}
			cli.Run(context.Background(), full, env)
			if args[0] == "audit" && !strings.Contains(out.String(), "FLASK-CONFIG-001") {
				t.Fatalf("no finding about keys:\n%s%s", out.String(), errs.String())
			}
			for line := range strings.Lines(out.String() + errs.String()) {
				if strings.Contains(line, "Zq7") {
					t.Errorf("leaks: %s", line)
				}
			}
		})
	}
}
