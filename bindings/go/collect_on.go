//go:build fedigraft_debug

package fedigraft

// collecting makes every use of a handle collect garbage first, so that one that was let go too early is found.
const collecting = true
