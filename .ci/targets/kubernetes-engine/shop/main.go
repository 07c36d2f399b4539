// The service of the scenarios. Its environment says what it responds with, or the flags of hashicorp/http-echo, for which it stands in.
// "shop wait" only waits: a pod's sandbox runs it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if len(os.Args) > 1 && os.Args[1] == "wait" {
		<-stop.Done()
		return
	}
	listen := flag.String("listen", ":8080", "address")
	text := flag.String("text", "", "each response")
	once := flag.Bool("once", false, "print the text and end")
	flag.Parse()
	if *once {
		fmt.Println(*text)
		return
	}
	if os.Getenv("KIND") == "crashing" {
		log.Fatal("the database has no table orders")
	}
	if *text != "" {
		http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, *text) })
	}
	http.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) {})
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("content-type", "application/json")
		if os.Getenv("KIND") == "bad" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"version": os.Getenv("VERSION"), "greeting": os.Getenv("GREETING")})
	})
	server := &http.Server{Addr: *listen}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		<-stop.Done()
		// requests that were accepted get their response
		limit, end := context.WithTimeout(context.Background(), 5*time.Second)
		defer end()
		_ = server.Shutdown(limit)
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	<-closed
}
