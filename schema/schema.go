// Package schema ships the JSON Schemas of the machine formats, so that consumers can check what they read.
package schema

import _ "embed" // for the schemas

// Audit describes the output of `audit --format json`.
//
//go:embed audit-v1.json
var Audit string

// Routes describes the output of `routes --format json`.
//
//go:embed routes-v1.json
var Routes string

// Config describes the output of `config --format json`.
//
//go:embed config-v1.json
var Config string
