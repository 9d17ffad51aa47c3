package storetest

// The program of the README builds, and does what it says.

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

func TestTheReadmesProgramBuilds(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command")
	}
	readme, err := os.ReadFile("../README.md")
	check(t, err)
	program := regexp.MustCompile("(?s)```go\n(package main\n.*?)```").FindSubmatch(readme)
	if program == nil {
		t.Fatal("the README has no program")
	}
	folder, err := os.MkdirTemp(".", "readme")
	check(t, err)
	defer os.RemoveAll(folder)
	check(t, os.WriteFile(filepath.Join(folder, "main.go"), program[1], 0o600))
	for _, command := range [][]string{{"vet", "./" + folder}, {"build", "-o", os.DevNull, "./" + folder}} {
		out, err := exec.CommandContext(context.Background(), tool, command...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s", out)
		}
	}
}
