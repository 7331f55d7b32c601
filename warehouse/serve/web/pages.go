package web

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
)

// A page is one address: what it reads, and the template of its name that shows it.
type page struct {
	name string
	path string // as http.ServeMux has it
	read func(*Server, *http.Request, reader) (any, error)
}

// pages are all there are.
var pages = []page{
	{"status", "/{$}", (*Server).readStatus},
	{"release", "/releases/{number}", (*Server).readRelease},
}

// A view is what a template is given.
type view struct {
	Council, Version string
	Reader           reader
	Page             any
}

// A refusal is an answer other than a page.
type refusal struct {
	Code       int
	What, More string
}

func (r refusal) Error() string { return r.What }

var brokenPage = refusal{http.StatusInternalServerError, "This page could not be made", "What went wrong stands in the log of goldthread serve."}

//go:embed templates assets
var files embed.FS

// Handler answers every address.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, p := range pages {
		mux.Handle(p.path, s.show(p))
	}
	mux.HandleFunc("/assets/{name}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "assets/"+r.PathValue("name"))
	})
	mux.HandleFunc("/health", s.answerHealth)
	mux.Handle("/metrics", s.forStaff(s.Metrics))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.refuse(w, r, noPage) })
	return s.guarded(mux)
}

var noPage = refusal{http.StatusNotFound, "There is no such page", "Look at the status page for what there is."}

// show answers with a page, made whole before its first byte is sent.
func (s *Server) show(p page) http.Handler {
	made := s.templates[p.name]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one, err := s.reader(r)
		if err == nil && one.Account != "" {
			err = s.note(Entry{Account: one.Account, From: one.from, Audience: one.Audience, Release: releaseOf(r), Action: "page", Page: p.name, Outcome: "ok"})
		}
		var content any
		if err == nil {
			content, err = p.read(s, r, one)
		}
		var text bytes.Buffer
		if err == nil {
			err = made.Execute(&text, view{s.Council, s.Version, one, content})
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(text.Bytes()) // a browser that has gone needs no answer
	})
}

// templates gives that of each page, within the frame of all.
func templates(words template.FuncMap) map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, name := range append(pageNames(), refused) {
		parsed := template.New("frame.html").Funcs(words)
		all[name] = template.Must(parsed.ParseFS(files, "templates/frame.html", "templates/parts.html", "templates/"+name+".html"))
	}
	return all
}

func pageNames() (names []string) {
	for _, p := range pages {
		names = append(names, p.name)
	}
	return names
}

// refused is the name of the template that says why there is no page.
const refused = "refusal"

// releaseOf is the release that a page is of; 0 for one that is of none.
func releaseOf(r *http.Request) int64 {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		return 0
	}
	return number
}

// forStaff lets in who may see everything.
func (s *Server) forStaff(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one, err := s.reader(r)
		if err == nil && !one.Staff() {
			err = refusal{http.StatusForbidden, "This is for staff", "The account may read its own audience's releases."}
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// fail answers where there is no page to show, in words that say nothing of the inside.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var said refusal
	switch {
	case errors.As(err, &said):
	case errors.Is(err, errNotKept):
		said = refusal{http.StatusServiceUnavailable, "Nobody is let in now", "The audit log cannot be written: look at the disk."}
	case errors.Is(err, errSignIn):
		w.Header().Set("WWW-Authenticate", `Basic realm="Goldthread", charset="UTF-8"`)
		said = refusal{http.StatusUnauthorized, "Sign in to see this page", "Use the name and the secret of an account; goldthread account add makes one. After ten wrong guesses an account is blocked for five minutes."}
	default:
		s.Log.Error().Err(err).Str("path", r.URL.Path).Msg("a page failed")
		said = brokenPage
	}
	s.refuse(w, r, said)
}

// refuse answers with a page that says why there is no other.
func (s *Server) refuse(w http.ResponseWriter, _ *http.Request, said refusal) {
	var text bytes.Buffer
	if err := s.templates[refused].Execute(&text, view{Page: said}); err != nil {
		s.Log.Error().Err(err).Msg("a refusal could not be shown")
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(said.Code)
	_, _ = w.Write(text.Bytes())
}

// inWords is a fault as a page tells it: without the place on the disk, which is for the log.
func (s *Server) inWords(err error) string {
	s.Log.Warn().Err(err).Msg("a page shows that something cannot be read")
	var told *fault.Error
	if !errors.As(err, &told) {
		return "it cannot be read; the log of goldthread serve says why"
	}
	return strings.TrimSuffix(told.What, ".")
}
