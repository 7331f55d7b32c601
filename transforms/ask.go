package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// tests asks the tests of every model that stands, where the answer is not remembered.
func (r *build) tests(ctx context.Context) error {
	var fresh []TestState
	for _, m := range r.set.Models {
		if r.broken[m.Name] {
			continue
		}
		answers, err := r.testModel(ctx, m)
		if err != nil {
			r.faults = append(r.faults, err)
		}
		fresh = append(fresh, answers...)
	}
	if len(fresh) == 0 {
		return nil
	}
	return r.transaction(ctx, func(tx *sql.Tx) error {
		for _, test := range fresh {
			if err := r.State.SaveTest(ctx, tx, test); err != nil {
				return fmt.Errorf("remembering a test of %s: %w", test.Table, err)
			}
		}
		return nil
	})
}

// testModel answers the tests of m and gives those that had to be asked.
func (r *build) testModel(ctx context.Context, m *Model) ([]TestState, error) {
	var fresh []TestState
	for _, test := range m.Tests {
		version, ready, err := r.testVersion(ctx, test)
		if err != nil {
			return fresh, err
		}
		if !ready {
			continue
		}
		answer, known := r.asked[m.Name+"\x00"+test.Name]
		content := r.tables[m.Name].ContentHash
		if known = known && answer.Version == version && answer.Content == content; !known {
			rows := r.askedAgain(m, test, answer, version)
			answer = TestState{Table: m.Name, Name: test.Name, Version: version, Content: content, Build: r.number}
			if err := r.ask(ctx, test, rows, &answer); err != nil {
				return fresh, err
			}
			fresh = append(fresh, answer)
		}
		answer.Severity = test.Severity
		r.result.Tests = append(r.result.Tests, TestResult{TestState: answer, Where: test.Where, Fresh: !known})
	}
	return fresh, nil
}

// askedAgain is what of a table has to be asked again about: the partitions that changed since it passed, where the test
// is one that each partition passes or fails by itself, and else all rows.
func (r *build) askedAgain(m *Model, test Test, before TestState, version string) string {
	if m.Kind != Partition || !test.byPartition(m.PartitionBy) || !before.Passed || before.Version != version {
		return quoteName(m.Name)
	}
	changed := r.tables[m.Name].changedSince(before.Build)
	if len(changed) == 0 || contains(changed, "") {
		return quoteName(m.Name)
	}
	return fmt.Sprintf("(select * from %s where %s in (%s))", quoteName(m.Name), quoteName(m.PartitionBy), valuesOf(changed))
}

// byPartition says whether a test asks about rows one by one, or about those that agree in the partition's column.
func (t Test) byPartition(column string) bool {
	switch t.kind {
	case "unique":
		return contains(t.columns, column)
	case "not_null", "accepted_values", "relationships":
		return true
	case "holds":
		return len(t.reads) == 0
	}
	return false
}

// testVersion is the hash of all that decides a test's answer beside the rows of its table. A test that reads a table
// which failed is not ready.
func (r *build) testVersion(ctx context.Context, test Test) (string, bool, error) {
	parts := []string{test.query, string(test.Severity)}
	for _, name := range test.reads {
		if r.broken[name] {
			return "", false, nil
		}
		content, err := r.content(ctx, name)
		if err != nil {
			return "", false, err
		}
		parts = append(parts, name, content)
	}
	return hashOf(parts...), true, nil
}

// ask runs a test on rows in one statement: how many fail, and the keys of the first five.
func (r *build) ask(ctx context.Context, test Test, rows string, answer *TestState) error {
	answer.Severity = test.Severity
	keys := make([]string, len(test.keys))
	for i, key := range test.keys {
		keys[i] = fmt.Sprintf("%s || coalesce(%s::varchar, 'null')", quoteText(key+" "), quoteName(key))
	}
	answers, err := r.Conn.QueryContext(ctx, fmt.Sprintf(`with failing as materialized (%s),
		examples as (select concat_ws(', ', %s) as example from failing order by example limit 5)
		select (select count(*) from failing), example from (select 1) left join examples on true`,
		test.on(rows), strings.Join(keys, ", ")))
	if err != nil {
		return engineFault(err, func(int) string { return test.Where })
	}
	defer answers.Close()
	for answers.Next() {
		var example sql.NullString
		if err := answers.Scan(&answer.Failing, &example); err != nil {
			return fmt.Errorf("testing %s: %w", answer.Table, err)
		}
		if example.Valid {
			answer.Examples = append(answer.Examples, example.String)
		}
	}
	answer.Passed = answer.Failing == 0
	return answers.Err()
}
