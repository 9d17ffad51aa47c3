//go:build fedigraft_shared

package fedigraft

// An empty package, imported so that `go mod vendor` takes its folder along.
import _ "github.com/fedigraft/fedigraft/bindings/go/include"

// The shared library that pkg-config names is loaded when the program starts.
const linked = "shared"
