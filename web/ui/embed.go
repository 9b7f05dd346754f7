// Package ui is the front end of the page, as it was built. Its sources are in
// this folder: npm ci and npm run build make dist anew.
package ui

import "embed"

// Files holds the folder dist: index.html, and in assets the files that it
// loads, with a hash of their content in their names.
//
//go:embed all:dist
var Files embed.FS
