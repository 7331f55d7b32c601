package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// tests asks the tests of every model that stands, where the answer is not remembered.
func (r *build) tests(ctx context.Context) error {
	for _, m := range r.set.Models {
		if r.broken[m.Name] || len(m.Tests) == 0 {
			continue
		}
		fresh, err := r.testModel(ctx, m)
		if err != nil {
			r.faults = append(r.faults, err)
		}
		if len(fresh) == 0 {
			continue
		}
		err = r.transaction(ctx, func(tx *sql.Tx) error {
			for _, test := range fresh {
				if err := r.State.SaveTest(ctx, tx, test); err != nil {
					return fmt.Errorf("remembering a test of %s: %w", m.Name, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// testModel answers the tests of m and gives those that had to be asked.
func (r *build) testModel(ctx context.Context, m *Model) ([]TestState, error) {
	var fresh []TestState
	for _, test := range m.Tests {
		version, ready, err := r.testVersion(ctx, m, test)
		if err != nil {
			return fresh, err
		}
		if !ready {
			continue
		}
		answer, known := r.asked[m.Name+"\x00"+test.Name]
		if known = known && answer.Version == version; !known {
			answer = TestState{Table: m.Name, Name: test.Name, Version: version}
			if err := r.ask(ctx, m, test, &answer); err != nil {
				return fresh, err
			}
			fresh = append(fresh, answer)
		}
		answer.Severity = test.Severity
		r.result.Tests = append(r.result.Tests, TestResult{TestState: answer, Where: test.Where, Fresh: !known})
	}
	return fresh, nil
}

// testVersion is the hash of all that decides a test's answer. A test that reads a table which failed is not ready.
func (r *build) testVersion(ctx context.Context, m *Model, test Test) (string, bool, error) {
	parts := []string{test.query, string(test.Severity), r.tables[m.Name].ContentHash}
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

// ask runs a test in one statement: how many rows fail, and the keys of the first five.
func (r *build) ask(ctx context.Context, m *Model, test Test, answer *TestState) error {
	answer.Severity = test.Severity
	keys := make([]string, len(test.keys))
	for i, key := range test.keys {
		keys[i] = fmt.Sprintf("%s || coalesce(%s::varchar, 'null')", quoteText(key+" "), quoteName(key))
	}
	rows, err := r.Conn.QueryContext(ctx, fmt.Sprintf(`with failing as materialized (%s),
		examples as (select concat_ws(', ', %s) as example from failing order by example limit 5)
		select (select count(*) from failing), example from (select 1) left join examples on true`,
		test.on(m.Name), strings.Join(keys, ", ")))
	if err != nil {
		return engineFault(err, func(int) string { return test.Where })
	}
	defer rows.Close()
	for rows.Next() {
		var example sql.NullString
		if err := rows.Scan(&answer.Failing, &example); err != nil {
			return fmt.Errorf("testing %s: %w", m.Name, err)
		}
		if example.Valid {
			answer.Examples = append(answer.Examples, example.String)
		}
	}
	answer.Passed = answer.Failing == 0
	return rows.Err()
}
