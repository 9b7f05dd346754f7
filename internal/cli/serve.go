package cli

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/web"
)

func newServe(a *app) *cobra.Command {
	var o web.Options
	var address, cert, key string
	var open bool
	cmd := &cobra.Command{
		Use:     "serve",
		GroupID: "look",
		Short:   "Open the page: the lab in a browser, on this machine",
		Long: `Serve opens the page: the lab in a browser. It prints an address that lets one
browser in, once; the browser stays in for 30 days, and a fresh address is printed
for the next one. What is started there runs by the commands that the page shows,
as processes of their own.

Only this machine can reach the page. An address that others can reach takes TLS, by
--tls-cert and --tls-key. No request leaves the machine.

Ctrl-C ends the server, with code 0, and the processes, each with a checkpoint: they
go on when the server starts again. A server that is killed leaves them at work, and
the next one finds them. What was paused stays so.`,
		Example: `  descent serve
  descent serve --addr 127.0.0.1:0 --runs experiments --jobs 2
  descent serve --addr 0.0.0.0:8421 --host lab.example.org --tls-cert lab.pem --tls-key lab.key`,
		Args: positional(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (cert == "") != (key == "") {
				return usagef("--tls-cert and --tls-key: one is missing, want both or neither")
			}
			if cert != "" {
				c, err := tls.LoadX509KeyPair(cert, key)
				if err != nil {
					return fmt.Errorf("--tls-cert %s, --tls-key %s: %w", cert, key, err)
				}
				o.Certificate = &c
			}
			if o.Jobs < 1 {
				return badFlag("jobs", o.Jobs, errors.New("want at least 1"))
			}
			for _, h := range o.Hosts {
				if err := web.CheckHost(h); err != nil {
					return badFlag("host", h, err)
				}
			}
			return a.serve(cmd, o, address, open)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&address, "addr", "127.0.0.1:8421", "`address` to listen at; port 0 takes one that is free")
	flags.StringVar(&o.Runs, "runs", "runs", "`folder` of runs, made when missing")
	flags.IntVar(&o.Jobs, "jobs", 1, "trainings, comparisons and searches at a time; the rest waits")
	flags.StringArrayVar(&o.Hosts, "host", nil, "further `name` by which browsers call the server, as name or name:port")
	flags.StringVar(&cert, "tls-cert", "", "`file` with the certificate, PEM")
	flags.StringVar(&key, "tls-key", "", "`file` with its key, PEM")
	flags.BoolVar(&open, "open", false, "open the page in this machine's browser")
	return cmd
}

// A serveReport says where the page is.
type serveReport struct {
	Address string `json:"address"` // what the server listens at
	URL     string `json:"url"`     // where a browser may enter, once
}

func (r *serveReport) text(p *page) {
	if p.quiet {
		p.line("%s", r.URL)
		return
	}
	p.line("The page is at %s", r.URL)
	p.line("This address lets one browser in, once. Ctrl-C ends the server.")
}

func (a *app) serve(cmd *cobra.Command, o web.Options, address string, open bool) (err error) {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("this program does not know its own file: %w", err)
	}
	var mu sync.Mutex
	o.Command, o.Program, o.Version, o.Own = []string{self}, a.program, version(), a.own
	o.Note = func(format string, args ...any) { // --quiet does not silence it: who cannot read it cannot enter
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(a.diag, format+"\n", args...)
	}
	server, err := web.New(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	ctx := cmd.Context()
	l, err := server.Listen(ctx, address)
	var bad *web.AddressError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("--addr %s: the port is taken, perhaps by another %s serve: want another one, or 0 for any", address, a.program)
	case errors.As(err, &bad):
		return badFlag("addr", bad.Address, errors.New(bad.Want))
	case err != nil:
		return fmt.Errorf("--addr %s: %w", address, err)
	}
	r := &serveReport{Address: l.Addr().String(), URL: server.Address()}
	if a.json {
		err = json.NewEncoder(a.out).Encode(r) // one line, for a program that reads while the server runs
	} else {
		err = a.print(r)
	}
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if open {
		if err := browse(r.URL); err != nil {
			a.warn("--open: %v; open the address by hand", err)
		}
	}
	return server.Serve(ctx, l)
}

// browse opens an address in the browser of this machine's user.
func browse(url string) error {
	opener := []string{"xdg-open"}
	switch runtime.GOOS {
	case "darwin":
		opener = []string{"open"}
	case "windows":
		opener = strings.Fields("rundll32 url.dll,FileProtocolHandler")
	}
	cmd := exec.Command(opener[0], append(opener[1:], url)...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // it may fail for any reason: the address was printed
	return nil
}
