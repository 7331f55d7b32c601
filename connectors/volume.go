package connectors

import "github.com/goldthread/goldthread/internal/strictyaml"

// A Volume says by which share of its usual number of rows a load may fall short of it or go beyond it, and still land
// without a person's word.
type Volume struct {
	Below, Above float64
	// OfWhole has only loads weighed that are everything there is: how many rows change from day to day is anyone's guess.
	OfWhole bool
}

// VolumeTerms are what a contract says under volume_guard: off, or one or both shares.
type VolumeTerms struct {
	Below *float64 `yaml:"below"`
	Above *float64 `yaml:"above"`
}

// defaultVolume is the half that a load may differ by where a contract does not say.
const defaultVolume = 0.5

// guardOff is the text in place of the terms that turns the guard off.
const guardOff = "off"

// volume is the guard that a contract asks for, or nil.
func volume(terms strictyaml.TextOr[VolumeTerms]) *Volume {
	if terms.Text == guardOff {
		return nil
	}
	v := &Volume{Below: defaultVolume, Above: defaultVolume}
	if s := terms.Settings; s != nil && s.Below != nil {
		v.Below = *s.Below
	}
	if s := terms.Settings; s != nil && s.Above != nil {
		v.Above = *s.Above
	}
	return v
}

// volume adds the faults of a volume guard.
func (i *Inspector) volume(at string, terms strictyaml.TextOr[VolumeTerms]) {
	const fix = "write volume_guard: {below: 0.5, above: 0.5}, which is the default, or volume_guard: off"
	if terms.Text != "" && terms.Text != guardOff {
		i.Fault(at, fix, "the volume guard is %q", terms.Text)
	}
	if terms.Settings == nil {
		return
	}
	if b := terms.Settings.Below; b != nil && !(*b >= 0 && *b <= 1) {
		i.Fault(at+".below", "write a share from 0 to 1, such as 0.5 for half", "below is %g", *b)
	}
	if a := terms.Settings.Above; a != nil && !(*a >= 0 && *a <= 10_000) {
		i.Fault(at+".above", "write a share of 0 or more, such as 0.5 for half again or 2 for three times as many", "above is %g", *a)
	}
}
