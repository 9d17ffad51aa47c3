// Command chirp is a small microblog for a small community: net/http, SQLite, no JavaScript.
//
//	chirp init-db                                   create the database
//	chirp serve --listen HOST:PORT                  answer visitors; --cert PEM --key PEM: over TLS
//	chirp add-person NAME --password PASSWORD       sign somebody up; --display-name NAME, --federated
//	chirp set-password NAME --password PASSWORD     give somebody a new password and end their sessions
//	chirp work                                      run what an extension leaves to a worker
//
// README.md names the settings, which come from the environment.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/web"
)

// extend joins something more to a site that is open: federate.go sets it. The site is closed with what it gives.
var extend = func(*chirp.Site) (closing func() error, err error) {
	return func() error { return nil }, nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "chirp:", err)
		os.Exit(1)
	}
}

const usage = "usage: chirp init-db | serve | work | add-person NAME | set-password NAME (README.md tells more)"

// run does one command. It ends with the context.
func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	settings, err := chirp.ReadSettings(os.LookupEnv)
	if err != nil {
		return err
	}
	if args[0] == "init-db" {
		if err := database.Prepare(ctx, settings.Database); err != nil {
			return err
		}
		fmt.Println("The database is ready:", settings.Database)
		return nil
	}
	site, closing, err := open(ctx, settings)
	if err != nil {
		return err
	}
	do := map[string]func(context.Context, *chirp.Site, []string) error{
		"serve": serve, "work": work, "add-person": addPerson, "set-password": setPassword,
	}[args[0]]
	if do == nil {
		do = func(context.Context, *chirp.Site, []string) error { return errors.New(usage) }
	}
	return errors.Join(do(ctx, site, args[1:]), closing())
}

// open opens a site with its pages and what extends it.
func open(ctx context.Context, settings chirp.Settings) (*chirp.Site, func() error, error) {
	site, err := chirp.Open(ctx, settings)
	if err != nil {
		return nil, nil, err
	}
	if site.Handler, err = web.New(site); err != nil {
		return nil, nil, errors.Join(err, site.Close())
	}
	closing, err := extend(site)
	if err != nil {
		return nil, nil, errors.Join(err, site.Close())
	}
	return site, func() error { return errors.Join(closing(), site.Close()) }, nil
}

func serve(ctx context.Context, site *chirp.Site, args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	listen := flags.String("listen", "localhost:5000", "`HOST:PORT` to answer on")
	cert := flags.String("cert", "", "`PEM` file with the certificate chain")
	key := flags.String("key", "", "`PEM` file with its private key")
	worker := flags.Bool("worker", false, "run the worker in this process too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: site.Handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute,
		WriteTimeout: 5 * time.Minute, IdleTimeout: 75 * time.Second}
	ended := make(chan error, 2)
	running := 1
	go func() {
		if *cert != "" || *key != "" {
			ended <- server.ServeTLS(listener, *cert, *key)
		} else {
			ended <- server.Serve(listener)
		}
	}()
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	if *worker {
		running++
		go func() { ended <- work(working, site, nil) }()
	}
	fmt.Printf("%s answers on %s\n", site.Name, listener.Addr())
	var problems error
	select {
	case <-ctx.Done():
	case problems = <-ended:
		running--
	}
	soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if server.Shutdown(soon) != nil {
		server.Close()
	}
	stop()
	for ; running > 0; running-- {
		problems = errors.Join(problems, <-ended)
	}
	if errors.Is(problems, http.ErrServerClosed) {
		return nil
	}
	return problems
}

func work(ctx context.Context, site *chirp.Site, _ []string) error {
	if site.Work == nil {
		return errors.New("there is no work: nothing extends this chirp")
	}
	return site.Work(ctx)
}

func addPerson(ctx context.Context, site *chirp.Site, args []string) error {
	flags := flag.NewFlagSet("add-person", flag.ContinueOnError)
	displayName := flags.String("display-name", "", "what they are called")
	federated := flags.Bool("federated", false, "they agree to be reachable from other sites")
	name, password, err := named(flags, args)
	if err != nil {
		return err
	}
	person, err := site.Join(ctx, name, password, *displayName, *federated)
	if err == nil {
		fmt.Println(person.Handle(), "can log in now.")
	}
	return err
}

func setPassword(ctx context.Context, site *chirp.Site, args []string) error {
	name, password, err := named(flag.NewFlagSet("set-password", flag.ContinueOnError), args)
	if err != nil {
		return err
	}
	person, err := site.OwnPerson(ctx, site.DB, "@"+strings.TrimPrefix(name, "@"))
	if errors.Is(err, chirp.ErrNotFound) {
		return fmt.Errorf("there is nobody called %s here", name)
	}
	if err == nil {
		err = site.SetPassword(ctx, person, password)
	}
	if err == nil {
		fmt.Println(person.Handle(), "has a new password.")
	}
	return err
}

// named reads "NAME --password PASSWORD" and the other flags; flags may stand before the name too.
func named(flags *flag.FlagSet, args []string) (name, password string, err error) {
	given := flags.String("password", "", "their password; asked for when it is left out")
	for len(args) > 0 {
		if strings.HasPrefix(args[0], "-") || name != "" {
			if err := flags.Parse(args); err != nil {
				return "", "", err
			}
			if args = flags.Args(); name != "" && len(args) > 0 {
				return "", "", fmt.Errorf("%s takes one name", flags.Name())
			}
			continue
		}
		name, args = args[0], args[1:]
	}
	if name == "" {
		return "", "", fmt.Errorf("%s needs a name", flags.Name())
	}
	if password = *given; password == "" {
		fmt.Print("Password: ")
		if _, err := fmt.Scanln(&password); err != nil {
			return "", "", fmt.Errorf("there is no password: %w", err)
		}
	}
	return name, password, nil
}
