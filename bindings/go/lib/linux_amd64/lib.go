// Package linux_amd64 holds the native library for Linux on x86-64. It has no code: it is there so that
// `go mod vendor` keeps the folder.
package linux_amd64
