// Fedigraft tells, rule by rule, why a captured request is accepted or refused.
//
//	fedigraft explain [-key PEM] [-origin URL] [-now SECONDS] FILE
//
// FILE is the request: request line, header lines, an empty line, the body; - reads it from the standard input.
// Without -key it says which key to fetch. It exits with 0 for accepted, 1 for refused, 2 for wrong use.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(arguments []string, in io.Reader, out, errs io.Writer) int {
	if len(arguments) == 1 && arguments[0] == "version" {
		fmt.Fprintf(out, "fedigraft %s, library %s, %s\n", fedigraft.Version, fedigraft.LibraryVersion(), fedigraft.Linked())
		return 0
	}
	flags := flag.NewFlagSet("fedigraft explain", flag.ContinueOnError)
	flags.SetOutput(errs)
	key := flags.String("key", "", "the sender's public key as PEM (publicKeyPem of its actor)")
	origin := flags.String("origin", "", "your origin; https:// and the request's Host when absent")
	now := flags.Int64("now", 0, "seconds since the epoch; the request's Date when absent")
	if len(arguments) == 0 || arguments[0] != "explain" {
		fmt.Fprintln(errs, "usage: fedigraft explain [-key PEM] [-origin URL] [-now SECONDS] FILE\n       fedigraft version")
		return 2
	}
	if flags.Parse(arguments[1:]) != nil {
		return 2
	}
	if flags.NArg() != 1 {
		fmt.Fprintln(errs, "fedigraft: expected one file with the captured request")
		return 2
	}
	accepted, err := explain(flags.Arg(0), *key, *origin, *now, in, out)
	switch {
	case err != nil:
		fmt.Fprintln(errs, err)
		return 2
	case !accepted:
		return 1
	}
	return 0
}

func explain(file, keyFile, origin string, seconds int64, in io.Reader, out io.Writer) (bool, error) {
	read := func() ([]byte, error) { return os.ReadFile(file) }
	if file == "-" {
		read = func() ([]byte, error) { return io.ReadAll(in) }
	}
	captured, err := read()
	if err != nil {
		return false, err
	}
	request, err := fedigraft.ParseRequest(captured)
	if err != nil {
		return false, err
	}
	if keyFile == "" {
		claim, err := request.Claim()
		if err != nil {
			return false, err
		}
		fmt.Fprintf(out, "the request claims the key %s\n", claim.KeyID)
		fmt.Fprintln(out, "fetch that key's publicKeyPem into a file and give it with -key to have it verified")
		return false, nil
	}
	pem, err := os.ReadFile(keyFile)
	if err != nil {
		return false, err
	}
	key, err := fedigraft.ParsePublicKey(pem)
	if err != nil {
		return false, err
	}
	defer key.Close()
	host := request.Header("Host")
	if origin == "" && host == "" {
		return false, errors.New("fedigraft: the request has no Host; say -origin")
	}
	if origin == "" {
		origin = "https://" + host
	}
	instance, err := fedigraft.OpenInstance(fedigraft.InstanceConfig{Origin: origin, Policy: fedigraft.Development})
	if err != nil {
		return false, err
	}
	defer instance.Close()
	now := time.Unix(seconds, 0)
	if seconds == 0 {
		if now, err = http.ParseTime(request.Header("Date")); err != nil {
			now = time.Now()
		}
	}
	verdict, err := instance.Explain(request, key, now)
	if err != nil {
		return false, err
	}
	fmt.Fprint(out, verdict.Report())
	return verdict.Accepted, nil
}
