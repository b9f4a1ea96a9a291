#!/usr/bin/env bash
# The one test command: formatting, vet, staticcheck, generated files, a static build that audits the examples, the suite under
# the race detector.
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

step "generated files are fresh"
list=internal/rules/all/all.go
before=$(cat "$list")
go generate ./internal/rules/all
if [ "$before" != "$(cat "$list")" ]; then
  echo "go generate ./internal/rules/all changed $list: commit it"
  exit 1
fi

step "go vet"
go vet ./...

step "staticcheck"
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

step "static build"
mkdir -p bin
CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/stopper ./cmd/stopper
./bin/stopper version

step "our own program on the examples"
audit() { # DIR EXPECTED_EXIT EXPECTED_FINDINGS
  local code=0 found
  found=$(./bin/stopper audit "$1" --min-confidence low --quiet) || code=$?
  found=$(printf '%s' "$found" | grep -c . || true)
  printf '%s: exit code %s, %s findings\n' "$1" "$code" "$found"
  if [ "$code" != "$2" ] || [ "$found" != "$3" ]; then
    printf 'expected exit code %s and %s findings\n' "$2" "$3"
    exit 1
  fi
}
audit examples/shop 1 "$(grep -c '"rule":' examples/expected_findings.json)"
audit examples/shop-sealed 0 0

step "tests with the race detector"
go test -race -timeout 20m ./...
