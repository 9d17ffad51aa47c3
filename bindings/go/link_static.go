//go:build !fedigraft_shared

package fedigraft

// Empty packages, imported so that `go mod vendor` takes their folders along.
import (
	_ "github.com/fedigraft/fedigraft/bindings/go/include"
	_ "github.com/fedigraft/fedigraft/bindings/go/lib/linux_amd64"
)

// The archive in lib becomes part of the program.
const linked = "static"
