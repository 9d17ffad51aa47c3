package fedigraft

// A program elsewhere, with this module vendored, builds and runs without this folder.

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestAVendoredModuleHasAllItNeeds(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command")
	}
	here := must[string](t)(os.Getwd())
	folder := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.org/x\n\ngo 1.24\n\nrequire github.com/fedigraft/fedigraft/bindings/go v0.0.0\n\n" +
			"replace github.com/fedigraft/fedigraft/bindings/go => " + here + "\n",
		"main.go": "package main\n\nimport (\n\t\"fmt\"\n\n\tfedigraft \"github.com/fedigraft/fedigraft/bindings/go\"\n)\n\n" +
			"func main() { fmt.Println(fedigraft.LibraryVersion(), fedigraft.Linked()) }\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, arguments := range [][]string{{"mod", "vendor"}, {"build", "-mod=vendor", "-o", "x", "."}} {
		command := exec.Command(tool, arguments...)
		command.Dir, command.Env = folder, append(os.Environ(), "GOFLAGS=")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %s", arguments, out)
		}
	}
	out, err := exec.Command(filepath.Join(folder, "x")).Output()
	if err != nil || strings.TrimSpace(string(out)) != Version+" static" {
		t.Fatalf("%s %v", out, err)
	}
}
