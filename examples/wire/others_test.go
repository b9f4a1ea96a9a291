package wire_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"
)

// startOthers starts what applications talk to, and gives each address the name by which archives know it: {inside} answers only
// on this machine, {inside}/away redirects to it, {silent} accepts and never answers, {posing} speaks TLS with a certificate that
// nobody vouches for.
func startOthers(t *testing.T) map[string]string {
	t.Helper()
	inside := listen(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inside the network") })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+r.URL.Query().Get("to"), http.StatusFound)
	})
	serve(t, inside, mux)
	silent := listen(t)
	go func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }()
		}
	}()
	folder := t.TempDir()
	writeCertificate(t, folder)
	cert, err := tls.LoadX509KeyPair(filepath.Join(folder, "shop.pem"), filepath.Join(folder, "shop.key"))
	if err != nil {
		t.Fatal(err)
	}
	posing := listen(t)
	serve(t, tls.NewListener(posing, &tls.Config{Certificates: []tls.Certificate{cert}}), mux)
	return map[string]string{"inside": inside.Addr().String(), "silent": silent.Addr().String(), "posing": posing.Addr().String()}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func serve(t *testing.T, listener net.Listener, handler http.Handler) {
	server := &http.Server{ReadTimeout: requestLimit, Handler: handler}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
}
