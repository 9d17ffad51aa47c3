package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

func TestExplain(t *testing.T) {
	key, err := fedigraft.GeneratePrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	pem, err := key.PublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	file, keyFile := filepath.Join(folder, "request.txt"), filepath.Join(folder, "key.pem")
	fields, err := fedigraft.Sign(key, "https://me.example/u#main-key", "POST", "https://you.example/inbox", []byte("{}"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	captured := "POST /inbox HTTP/1.1\n"
	for _, field := range fields {
		captured += field[0] + ": " + field[1] + "\n"
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(keyFile, string(pem))
	write(file, captured+"\n{}")
	for _, one := range []struct {
		arguments []string
		in, out   string
		status    int
	}{
		{[]string{"explain", "-key", keyFile, file}, "", "accepted: ", 0},
		{[]string{"explain", "-key", keyFile, "-"}, captured + "\n{ }", "FAIL ", 1},
		{[]string{"explain", "-key", keyFile, "-origin", "https://other.example", file}, "", "refused: ", 1},
		{[]string{"explain", "-key", keyFile, "-now", "1000000000", file}, "", "refused: ", 1},
		{[]string{"explain", file}, "", "https://me.example/u#main-key", 1},
		{[]string{"explain", "-"}, "nothing", "line 1", 2},
		{[]string{"explain", "-key", file, file}, "", "fedigraft: ", 2},
		{[]string{"explain", folder + "/missing"}, "", "no such file", 2},
		{[]string{"explain"}, "", "one file", 2},
		{[]string{"explain", "-wrong"}, "", "-origin", 2},
		{nil, "", "usage", 2},
		{[]string{"version"}, "", fedigraft.Version, 0},
	} {
		var out strings.Builder
		if status := run(one.arguments, strings.NewReader(one.in), &out, &out); status != one.status || !strings.Contains(out.String(), one.out) {
			t.Errorf("%v: %d %s", one.arguments, status, out.String())
		}
	}
}
