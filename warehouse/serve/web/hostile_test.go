package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
)

// hostile are texts by which somebody would have a browser run what they wrote, if a page let it through. Each would show a
// dialog, which the test in Chromium looks for.
var hostile = slices.Concat(strings.Split(strings.TrimSpace(`
<script>alert(1)</script>
<SCRIPT SRC=//evil.example/x.js></SCRIPT>
<scr<script>ipt>alert(1)</scr</script>ipt>
<script type=module>alert(1)</script>
<svg onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<img src=x onerror=alert(1)>
<img src="x"onerror="alert(1)">
<img/src=x/onerror=alert(1)>
<IMG SRC=javascript:alert(1)>
<body onload=alert(1)>
<iframe src=javascript:alert(1)></iframe>
<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>
<object data=javascript:alert(1)></object>
<embed src=javascript:alert(1)>
<a href=javascript:alert(1)>x</a>
<a href="java&#x09;script:alert(1)">x</a>
<form action=javascript:alert(1)><button>x</button></form>
<button formaction=javascript:alert(1)>x</button>
<input autofocus onfocus=alert(1)>
<select autofocus onfocus=alert(1)>
<textarea autofocus onfocus=alert(1)>
<details open ontoggle=alert(1)>
<video><source onerror=alert(1)></video>
<audio src=x onerror=alert(1)>
<marquee onstart=alert(1)>
<meta http-equiv=refresh content="0;url=javascript:alert(1)">
<base href=//evil.example/>
<link rel=stylesheet href=//evil.example/x.css>
<style>@import '//evil.example/x.css';</style>
<style>*{background:url(//evil.example/x)}</style>
<div style="background:url(javascript:alert(1))">
<math><mtext><script>alert(1)</script></mtext></math>
<template><script>alert(1)</script></template>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<!--><script>alert(1)</script>-->
<![CDATA[<script>alert(1)</script>]]>
<?xml-stylesheet href=javascript:alert(1)?>
"><script>alert(1)</script>
'><script>alert(1)</script>
" onmouseover="alert(1)
' onmouseover='alert(1)
" autofocus onfocus=alert(1) x="
</title><script>alert(1)</script>
</caption></table><script>alert(1)</script>
</style><script>alert(1)</script>
javascript:alert(1)
{{.Council}}{{template "main" .}}
&lt;script&gt;alert(1)&lt;/script&gt;
`), "\n"), []string{"<scr\x00ipt>alert(1)</script>", "\u202e<script>alert(1)</script>", "\xff<script>alert(1)</script>"})

// infest gives a folder of which every name and word that people or sources gave is hostile, one at a time.
func infest(t *testing.T, s *site) {
	t.Helper()
	next := 0
	bad := func() string { next++; return hostile[next%len(hostile)] }
	at := testTime
	all := warehouse.Standing{Form: 1, Version: bad()}
	for range hostile {
		all.Datasets = append(all.Datasets, warehouse.DatasetStanding{
			Source: bad(), Dataset: bad(), Owner: bad(), LookedAt: &at, Outcome: "refused", Reason: bad(), PublishedAt: bad(), Stale: true, StaleSince: bad(),
		})
		all.Quarantine = append(all.Quarantine, warehouse.QuarantineStanding{Owner: bad(), Source: bad(), Dataset: bad(), OldestDate: bad(), Rows: 1})
		all.Runs = append(all.Runs, warehouse.RunStanding{RunID: 1, StartedAt: at, Outcome: bad(), Message: bad()})
		s.clock.Complaints = append(s.clock.Complaints, bad())
		s.clock.Schedules = append(s.clock.Schedules, Schedule{Name: bad(), When: bad(), Outcome: bad()})
	}
	leave(t, s.State, all)
	s.Council, s.Version, s.Readers = bad(), bad(), "evil\"><script>alert(1)</script>:5432"
}

// ours are the elements that templates are made of, with the attributes that they may have.
var ours = map[string][]string{
	"html": {"lang"}, "head": {}, "meta": {"charset", "name", "content"}, "title": {}, "link": {"rel", "type", "href"}, "body": {}, "a": {"class", "href"},
	"header": {"class"}, "div": {"class"}, "p": {"class"}, "main": {"id", "class", "tabindex"}, "footer": {"class"}, "h1": {}, "h2": {"id", "tabindex"},
	"h3": {}, "section": {"class", "aria-labelledby"}, "ul": {}, "li": {}, "dl": {"class"}, "dt": {}, "dd": {}, "nav": {"class", "aria-label"}, "span": {"class"},
	"strong": {"class"}, "time": {"datetime"}, "table": {"role"}, "caption": {}, "thead": {"role"}, "tbody": {"role"}, "tr": {"role"},
	"th": {"scope", "role", "class"}, "td": {"role", "data-label", "class"}, "wbr": {}, "code": {"class"}, "pre": {}, "cite": {}, "details": {"class"}, "summary": {},
	"form": {"class", "action", "method"}, "label": {"for"}, "select": {"id", "name"}, "option": {"value", "selected"}, "button": {},
}

// foreign lists what of a page did not come from our templates.
func foreign(t *testing.T, text string) (found []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			found = append(found, "a comment: "+n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		may, known := ours[n.Data]
		if !known {
			found = append(found, "an element: "+n.Data)
		}
		for _, a := range n.Attr {
			if !slices.Contains(may, a.Key) || a.Key == "href" && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") || a.Key == "action" && !strings.HasPrefix(a.Val, "/") {
				found = append(found, fmt.Sprintf("an attribute of %s: %s=%q", n.Data, a.Key, a.Val))
			}
		}
	}
	return found
}

func TestNothingThatIsShownIsRun(t *testing.T) {
	if len(hostile) < 50 {
		t.Fatalf("only %d texts", len(hostile))
	}
	s := open(t)
	infest(t, s)
	for _, path := range []string{"/", "/releases/2?against=1", "/%3Cscript%3Ealert(1)%3C/script%3E", "/releases/%22%3E%3Csvg%20onload=alert(1)%3E", "/releases/2?against=%3Cscript%3E"} {
		for _, what := range foreign(t, s.get(path, "").text) {
			t.Errorf("%s holds %s", path, what)
		}
	}
	a := s.get("/", "")
	s.wants(a, http.StatusOK, "&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;img src=x onerror=alert(1)&gt;")
	s.clockErr = &fault.Error{What: hostile[0]}
	if found := foreign(t, s.get("/", "").text); len(found) > 0 {
		t.Errorf("a fault's words are shown as %v", found)
	}
	if found := foreign(t, `<p onclick="x"><a href="javascript:1">x</a><script>alert(1)</script>`); len(found) != 3 {
		t.Errorf("the check itself found %v", found)
	}
}

func TestSummaryOfHostileReleasesIsHarmless(t *testing.T) {
	s := open(t)
	tables := make([]warehouse.ManifestTable, len(hostile))
	for i, text := range hostile {
		tables[i] = warehouse.ManifestTable{Audience: "staff", Name: text}
	}
	page := &releasePage{releaseLine: releaseLine{Manifest: warehouse.Manifest{Release: 2, ReleasedAt: time.Now(), Version: hostile[0], Tables: tables}}, Against: &releaseLine{}}
	page.compareTables("staff")
	for _, text := range hostile {
		page.Moves = append(page.Moves, move{text, text, text, text, text, figure{text, true, text, text}, figure{text, false, text, text}})
	}
	var made strings.Builder
	if err := s.templates["release"].Execute(&made, view{Council: hostile[0], Page: page}); err != nil {
		t.Fatal(err)
	}
	for _, what := range foreign(t, made.String()) {
		t.Error(what)
	}
}
