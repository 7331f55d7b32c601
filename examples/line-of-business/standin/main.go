// Command standin stands in for LG Inform Plus in the example, on 127.0.0.1: it answers with figures of Saltmarsh's
// neighbours, which are made up like Saltmarsh, to whoever has the key below.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/goldthread/goldthread/connectors/lginform/standin"
)

//go:embed catalogue.json metric-*.csv
var figures embed.FS

// account is known to everybody: it opens nothing but the stand-in.
var account = standin.Account{Key: "key-of-this-example", Secret: "secret-of-this-example"}

func main() {
	listen := flag.String("listen", "127.0.0.1:18090", "address and port; one of this machine alone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *listen); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve answers until the context ends.
func serve(ctx context.Context, address string) error {
	service, err := standin.Open(figures, account)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	service.Under("http://" + listener.Addr().String())
	server := &http.Server{Handler: service, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	fmt.Printf("LG Inform's stand-in answers on http://%s/ until it is interrupted.\n", listener.Addr())
	fmt.Printf("export LGINFORM_KEY=%s LGINFORM_SECRET=%s\n", account.Key, account.Secret)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
