// Package include holds the C header. It has no code: it is there so that `go mod vendor` keeps the folder.
package include
