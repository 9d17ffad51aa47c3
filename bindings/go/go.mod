module github.com/fedigraft/fedigraft/bindings/go

go 1.24
