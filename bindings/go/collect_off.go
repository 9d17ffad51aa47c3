//go:build !fedigraft_debug

package fedigraft

// collecting is set by the build tag fedigraft_debug, for this module's own tests.
const collecting = false
