package web

import (
	"fmt"
	"net/url"
)

// A Trail remembers the pages of one list, so that a list that never ends is an error and not a run that never ends.
type Trail struct {
	addresses map[string]bool
	contents  map[string]int
}

// Follow gives the address that a page names as the next one: within the same service, and not seen before.
func (t *Trail) Follow(from, link string) (string, error) {
	here, err := url.Parse(from)
	if err != nil {
		return "", &bodyError{"the address of a page cannot be read"}
	}
	next, err := here.Parse(link)
	if err != nil {
		return "", &bodyError{"the page names a next page whose address cannot be read"}
	}
	if err := sameService(here, next); err != nil {
		return "", err
	}
	if t.addresses == nil {
		t.addresses = map[string]bool{}
	}
	t.addresses[here.String()] = true
	if t.addresses[next.String()] {
		return "", &bodyError{"the pages of the list name each other in a circle"}
	}
	return next.String(), nil
}

// Page notes the hash of a page. The same page twice in a row of pages means that the service does not turn them.
func (t *Trail) Page(number int, sha256 string) error {
	if first, seen := t.contents[sha256]; seen {
		return &bodyError{fmt.Sprintf("page %d of the list is the same as page %d", number, first)}
	}
	if t.contents == nil {
		t.contents = map[string]int{}
	}
	t.contents[sha256] = number
	return nil
}
