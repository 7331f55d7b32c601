// Package layers holds the check that imports run one way, so that a row's way from source to report can be followed.
package layers
