package transforms

import "context"

// periodsRelation lists the periods that are known; a measure may add to them when it is built.
const periodsRelation = "reference.periods"

// settlePeriods builds the measures that read the periods again, until none finds other periods than those it was built
// with: each may have added some that another, or itself, reads. Without this the next run would find work left over.
func (r *build) settlePeriods(ctx context.Context) {
	const rounds = 3 // a measure whose periods never come to rest is left for the next run
	for range rounds {
		settled := true
		for i, before := range r.result.Models {
			m := r.set.byName[before.Name]
			if before.Err != nil || m.phase() != 1 {
				continue
			}
			again := r.model(ctx, m)
			if again.Outcome == Kept {
				continue
			}
			settled = false
			again.Changed = again.Changed || before.Changed
			again.Duration += before.Duration
			r.result.Models[i] = again
			if again.Err != nil {
				r.broken[m.Name] = true
				r.faults = append(r.faults, again.Err)
			}
		}
		if settled {
			return
		}
	}
}
