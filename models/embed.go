// Package modeldata embeds the data files about libraries; internal/models reads them.
package modeldata

import "embed"

// Files holds python/*.toml.
//
//go:embed python
var Files embed.FS
