//go:build fedigraft_shared

package fedigraft

// The shared library that pkg-config names is loaded when the program starts.
const linked = "shared"
