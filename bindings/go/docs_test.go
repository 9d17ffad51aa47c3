package fedigraft

// Every exported name has a comment, and every file says first what it is for.

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryExportedNameIsDocumented(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if len(file.Comments) == 0 {
			t.Errorf("%s says nothing", name)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		missing := func(node ast.Node, what string) { t.Errorf("%s: %s has no comment", set.Position(node.Pos()), what) }
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && ofExported(d) {
					missing(d, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() && s.Doc == nil && d.Doc == nil {
							missing(s, s.Name.Name)
						}
					case *ast.ValueSpec:
						if s.Names[0].IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
							missing(s, s.Names[0].Name)
						}
					}
				}
			}
		}
	}
}

func TestTheBoundaryIsInOneFile(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		cgo := strings.Contains(string(text), "import "+`"C"`)
		if cgo != (name == "native.go") {
			t.Errorf("%s: %v", name, cgo)
		}
	}
	text, err := os.ReadFile("native.go")
	if err != nil {
		t.Fatal(err)
	}
	header, err := os.ReadFile("include/fedigraft.h")
	if err != nil {
		t.Fatal(err)
	}
	// Every function of the header is called, and with the marks that keep Go memory on the stack.
	for _, line := range strings.Split(string(header), "\n") {
		at := strings.Index(line, "fedigraft_")
		end := strings.Index(line, "(")
		if strings.HasPrefix(line, "//") || strings.HasPrefix(line, "#") || at < 0 || end < at {
			continue
		}
		fields := strings.Fields(line[:end])
		name := strings.TrimPrefix(fields[len(fields)-1], "*")
		if strings.HasPrefix(name, "fedigraft_") && !strings.Contains(string(text), "C."+name+"(") && name != "fedigraft_error_code" {
			t.Errorf("%s is not called", name)
		}
	}
}

// ofExported is true for functions and for methods of exported types.
func ofExported(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	kind := d.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	name, ok := kind.(*ast.Ident)
	return ok && name.IsExported()
}
