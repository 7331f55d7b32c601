package connectors

// A Hosted source reads one server, of which not too much may be asked at the same time. Sources that name the same host
// share what a run may ask of it.
type Hosted interface{ Host() string }
