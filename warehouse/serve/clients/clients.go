// Package clients holds the tests that read a release with the programs and drivers that people use, as they come from
// their makers. What each of them does lies beside it as a script in its own language.
package clients
