package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/goldthread/goldthread/schedules"
	"github.com/goldthread/goldthread/schedules/pipeline"
)

// owedPrefix begins the names of all that is owed to reporting cycles, by which alarms know it again.
const owedPrefix = "what is owed to "

// owedByOwner puts together what one owner owes one period of a cycle, so that they get one message. Nil stays nil: then nobody knows.
func owedByOwner(figures []pipeline.Owed) []schedules.Owed {
	if figures == nil {
		return nil
	}
	all := []schedules.Owed{}
	at := map[string]int{}
	for _, f := range figures {
		part := fmt.Sprintf("%s%s, %s", owedPrefix, f.Cycle, f.Period)
		if f.Owner != "" {
			part += ", by " + f.Owner
		}
		i, known := at[part]
		if !known {
			i = len(all)
			at[part] = i
			all = append(all, schedules.Owed{Part: part, Owner: f.Owner, IsLate: f.IsLate, What: owedWords(f)})
		}
		all[i].What += "\n  " + f.MeasureCode + " " + f.MeasureName
		all[i].Readers += fmt.Sprintf("\n  %s: %s", f.MeasureCode, cmp.Or(f.Seen, "nothing yet"))
	}
	for i := range all {
		all[i].What += "\n  fix: send them as always, or say to the performance team why they cannot come; the next run brings in what has come"
		all[i].Readers = "The latest that readers see:" + all[i].Readers
	}
	return all
}

func owedWords(f pipeline.Owed) string {
	day := f.CutOff
	if cutOff, err := time.Parse(time.DateOnly, day); err == nil {
		day = cutOff.Format("Monday 2 January 2006")
	}
	if f.IsLate {
		return fmt.Sprintf("The cut-off of %s, %s, was on %s, and these figures have not come:", f.Cycle, f.Period, day)
	}
	return fmt.Sprintf("The cut-off of %s, %s, is on %s, and these figures are still to come:", f.Cycle, f.Period, day)
}
