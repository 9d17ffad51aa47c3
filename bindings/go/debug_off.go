//go:build !fedigraft_debug

package fedigraft

// debugging is set by the build tag fedigraft_debug, for this project's own tests.
const debugging = false

// passed marks a point where a process may be killed.
func passed() {}
