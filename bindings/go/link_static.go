//go:build !fedigraft_shared

package fedigraft

// The archive beside this file becomes part of the program.
const linked = "static"
