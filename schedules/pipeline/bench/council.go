package bench

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// The shape of a large council's warehouse: 300 measures of 400 organisations and 156 wards over 15 years of quarters are
// ten million observations. Fewer rows mean fewer measures, and below one measure fewer places.
const (
	quarters      = 60
	organisations = 400
	places        = organisations + 156
	measuresEach  = 10 // measures in one dataset, as a source publishes them
	firstYear     = 2010
)

// A council is a folder of the bench's own, whose measures have numerator and denominator, a target and peers.
type council struct {
	folder           string
	measures, places int
	memory           string
	threads          int
}

func (o Options) newCouncil(folder string) *council {
	c := &council{folder: folder, measures: max(1, o.Rows/(quarters*places)), places: places, memory: o.MemoryLimit, threads: o.Threads}
	if o.Rows < quarters*places {
		c.places = max(20, o.Rows/quarters)
	}
	return c
}

func (c *council) rows() int64 { return int64(c.measures) * int64(c.places) * quarters }

func (c *council) datasets() int { return (c.measures + measuresEach - 1) / measuresEach }

// compared are the organisations among the places, the council and its peers.
func (c *council) compared() int { return min(organisations, c.places*3/4) }

func (c *council) place(i int) string {
	if i < c.compared() {
		return fmt.Sprintf("E06%06d", i+1)
	}
	return fmt.Sprintf("E05%06d", i+1)
}

func measureCode(i int) string { return fmt.Sprintf("BEN%03d", i+1) }

func quarter(i int) (label, code string) {
	year := firstYear + i/4
	return fmt.Sprintf("%d/%02d Q%d", year, (year+1)%100, i%4+1), fmt.Sprintf("FY%d-%02d-Q%d", year, (year+1)%100, i%4+1)
}

// write makes the folder with all its files.
func (c *council) write() error {
	faults := []error{
		c.file("goldthread.yaml", func(out *bufio.Writer) {
			fmt.Fprintf(out, "name: Bench\norganisation: %s\ntime_zone: Europe/London\naudiences: [staff]\nwarehouse: {memory_limit: %s, threads: %d}\n",
				c.place(0), c.memory, c.threads)
		}),
		c.file("plan.yaml", func(out *bufio.Writer) {
			out.WriteString("levels: [priority, outcome]\npriorities:\n  - code: all\n    name: All\n    outcomes:\n      - {code: good, name: Good}\n")
		}),
		c.file("sources/returns.yaml", c.writeSource),
		c.file("reference/authorities.csv", c.writeAuthorities),
		c.file("reference/area_lookup.csv", c.writeWards),
		c.file("reference/peer_groups.csv", c.writePeers),
		c.file("targets/all.csv", c.writeTargets),
	}
	for i := range c.measures {
		faults = append(faults, c.file("measures/"+measureCode(i)+".yaml", func(out *bufio.Writer) { c.writeMeasure(out, i) }))
	}
	for set := range c.datasets() {
		faults = append(faults, c.file(fmt.Sprintf("drops/first/%s.csv", dataset(set)), func(out *bufio.Writer) { c.writeReturn(out, set, 0) }))
	}
	return errors.Join(faults...)
}

func (c *council) file(name string, write func(out *bufio.Writer)) error {
	path := filepath.Join(c.folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<20)
	write(out)
	return errors.Join(out.Flush(), file.Close())
}

func dataset(set int) string { return fmt.Sprintf("set_%02d", set+1) }

func (c *council) writeSource(out *bufio.Writer) {
	fmt.Fprintln(out, "source: returns\nkind: csvdrop\nfolder: drops\ndatasets:")
	for set := range c.datasets() {
		fmt.Fprintf(out, `  - name: %[1]s
    files: "*/%[1]s.csv"
    format: {delimiter: ",", encoding: utf-8, header_row: 1}
    mode: increment
    key: [measure, area_code, period]
    volume_guard: off
    columns:
      measure: {type: text, required: true}
      area_code: {type: area_code, required: true}
      period: {type: period, form: financial_quarter, required: true}
      numerator: {type: "decimal(18,2)"}
      denominator: {type: "decimal(18,2)"}
`, dataset(set))
	}
}

func (c *council) writeMeasure(out *bufio.Writer, i int) {
	fmt.Fprintf(out, `code: %[1]s
name: Measure %[1]s
unit: "%%"
decimals: 1
polarity: %[2]s
value_type: percentage
multiplier: 100
frequency: quarterly
period_basis: financial
reporting_lag_days: 60
accumulation: flow
time_aggregation: none
peer_group: alike
plan: [{outcome: all.good}]
owner: Head of Service %[3]d
from:
  dataset: returns.%[4]s
  where: {measure: %[1]s}
  area: area_code
  period: period
  numerator: numerator
  denominator: denominator
`, measureCode(i), []string{"higher", "lower"}[i%2], i%20, dataset(i/measuresEach))
}

func (c *council) writeAuthorities(out *bufio.Writer) {
	fmt.Fprintln(out, "organisation_code,name,official_name,organisation_type,tier,region_name,nation,start_date,end_date,replaced_by")
	for i := range c.compared() {
		fmt.Fprintf(out, "%s,Council %d,Council %[2]d,Unitary authority,single,North,England,,,\n", c.place(i), i+1)
	}
}

func (c *council) writeWards(out *bufio.Writer) {
	fmt.Fprintln(out, "area_code,larger_area_code,weight,vintage")
	for i := c.compared(); i < c.places; i++ {
		fmt.Fprintf(out, "%s,%s,1,2025\n", c.place(i), c.place(0))
	}
}

func (c *council) writePeers(out *bufio.Writer) {
	fmt.Fprintln(out, "group,version,owner_code,peer_code,position")
	for i := 1; i < c.compared(); i++ {
		fmt.Fprintf(out, "alike,2025,%s,%s,%d\n", c.place(0), c.place(i), i)
	}
}

func (c *council) writeTargets(out *bufio.Writer) {
	fmt.Fprintln(out, "measure_code,organisation_code,period_from,period_to,target_value,kind,status,version,approved_by,approved_at")
	_, first := quarter(quarters - 4)
	_, last := quarter(quarters - 1)
	for i := range c.measures {
		fmt.Fprintf(out, "%s,%s,%s,%s,50,minimum,approved,1,Cabinet,2024-03-01\n", measureCode(i), c.place(0), first, last)
	}
}

// writeReturn writes what a source publishes of the measures of one dataset, from a quarter on to the last.
func (c *council) writeReturn(out *bufio.Writer, set, from int) {
	random := rand.New(rand.NewPCG(uint64(set), uint64(from)))
	fmt.Fprintln(out, "measure,area_code,period,numerator,denominator")
	for m := set * measuresEach; m < min(c.measures, (set+1)*measuresEach); m++ {
		for q := from; q < quarters; q++ {
			label, _ := quarter(q)
			for p := range c.places {
				fmt.Fprintf(out, "%s,%s,%s,%d.%02d,%d\n", measureCode(m), c.place(p), label, random.IntN(1000), random.IntN(100), 1000+random.IntN(1000))
			}
		}
	}
}

// restate drops a file that holds the last quarter of one dataset anew.
func (c *council) restate() error {
	return c.file("drops/second/"+dataset(0)+".csv", func(out *bufio.Writer) { c.writeReturn(out, 0, quarters-1) })
}
