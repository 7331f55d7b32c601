package main

import (
	"bufio"
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
)

//go:embed explain.sql
var explainQuery string

//go:embed explain_status.sql
var explainStatusQuery string

func readFigure(ctx context.Context, db *sql.DB, asked figureAsked) (*explanation, error) {
	of := sql.NullString{String: asked.organisation, Valid: asked.organisation != ""}
	rows, err := db.QueryContext(ctx, explainQuery, asked.measure, asked.period, of)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var e explanation
	for rows.Next() {
		row, err := e.scan(rows)
		if err != nil {
			return nil, err
		}
		e.Rows = append(e.Rows, row)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(e.Rows) == 0 {
		return nil, noFigure(ctx, db, asked)
	}
	e.Value = e.Rows[0].Value
	return &e, nil
}

func (e *explanation) scan(rows *sql.Rows) (row sourceRow, err error) {
	var value, numerator, denominator number
	var status, unit, description, owner, recorded, published, source, dataset, file, sum sql.NullString
	var decimals, line, extract sql.NullInt64
	var code, name string
	err = rows.Scan(&code, &name, &e.PeriodCode, &e.PeriodLabel, &e.Organisation, &e.Name, &row.AreaCode, &row.AreaName,
		&row.Breakdown, &value, &numerator, &denominator, &status, &unit, &decimals, &e.Definition.Version, &e.Definition.ValidFrom,
		&description, &owner, &row.LoadID, &recorded, &published, &source, &dataset, &file, &sum, &line, &extract)
	e.MeasureCode, e.MeasureName, e.Unit, e.decimals = code, name, unit.String, decimals.Int64
	e.Definition.Description, e.Definition.Owner = description.String, owner.String
	if len(e.Rows) == 0 {
		e.ValueStatus = status.String
	}
	row.Value, row.Numerator, row.Denominator = value.text(), numerator.text(), denominator.text()
	row.RecordedAt, row.PublishedAt, row.Dataset = recorded.String, published.String, source.String+"."+dataset.String
	row.File, row.SHA256, row.Line = file.String, sum.String, line.Int64
	row.spot = warehouse.Spot{Source: source.String, Dataset: dataset.String, ExtractID: extract.Int64, Row: line.Int64}
	return row, err
}

// noFigure says what there is instead of the figure that was asked for.
func noFigure(ctx context.Context, db *sql.DB, asked figureAsked) error {
	codes, err := texts(ctx, db, "select distinct measure_code from core.dim_measures where measure_key <> -1 order by measure_code")
	if err != nil {
		return err
	}
	for _, code := range codes {
		if !strings.EqualFold(code, asked.measure) {
			continue
		}
		periods, err := texts(ctx, db, "select period_code from marts.measure_trend where measure_code = ? order by period_code", code)
		if err != nil {
			return err
		}
		return &fault.Error{Where: code, What: fmt.Sprintf("there is no figure for the period %q%s", asked.period, forOrganisation(asked.organisation)), Fix: "periods of the measure: " + strings.Join(periods, ", ")}
	}
	return &fault.Error{What: fmt.Sprintf("there is no measure %q", asked.measure), Fix: fault.DidYouMean(asked.measure, "measures", codes)}
}

func forOrganisation(code string) string {
	if code == "" {
		return ""
	}
	return " and the organisation " + code
}

func texts(ctx context.Context, db *sql.DB, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		found = append(found, text)
	}
	return found, rows.Err()
}

func readStatus(ctx context.Context, db *sql.DB, e *explanation) (*figureState, error) {
	var s figureState
	var target, variance number
	var rag, reason, short, long sql.NullString
	err := db.QueryRowContext(ctx, explainStatusQuery, e.MeasureCode, e.PeriodCode, e.Rows[0].AreaCode).
		Scan(&target, &rag, &reason, &variance, &short, &long, &s.TargetVersion)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	s.Target, s.Variance, s.RAG, s.RAGReason = target.text(), variance.text(), rag.String, reason.String
	s.DirectionShort, s.DirectionLong = short.String, long.String
	return &s, err
}

func readModels(ctx context.Context, db *sql.DB, measure string) ([]modelText, error) {
	rows, err := db.QueryContext(ctx, `
		select name, file, sql_text
		from meta.model_texts
		where name in (lower('intermediate.int_observations__' || $1), 'core.fct_observations')
		order by name desc`, measure)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var models []modelText
	for rows.Next() {
		var m modelText
		if err := rows.Scan(&m.Name, &m.File, &m.SQL); err != nil {
			return nil, err
		}
		models = append(models, m)
	}
	return models, rows.Err()
}

// readTexts reads the line of each row's file in the archive and, where a row stood in no line of a file, the row as it is
// stored. What cannot be read now is left out: place, hash and load still name it.
func (e *explanation) readTexts(ctx context.Context, state string) {
	var spots []warehouse.Spot
	var without []*sourceRow
	var gone []string
	for i := range e.Rows {
		row := &e.Rows[i]
		if row.readText(filepath.Join(state, "archive")); row.Text == "" && row.spot.ExtractID != 0 {
			spots, without = append(spots, row.spot), append(without, row)
		}
		if row.Archived == "" && row.SHA256 != "" {
			gone = append(gone, row.SHA256)
		}
	}
	if removals, err := warehouse.ReadInputRemovals(ctx, state, gone); err == nil {
		for i, row := range e.Rows {
			e.Rows[i].Removed = removals[row.SHA256]
		}
	}
	stored, err := warehouse.ReadStored(ctx, state, spots)
	if err != nil {
		return
	}
	for i, row := range without {
		row.Stored = stored[i]
	}
}

// readText reads the line of the archived file, if it has lines: an answer to a request is one record after another.
func (r *sourceRow) readText(archive string) {
	if len(r.SHA256) < 2 {
		return
	}
	path := filepath.Join(archive, r.SHA256[:2], r.SHA256)
	file, err := os.Open(path)
	if err != nil {
		return
	}
	defer file.Close()
	r.Archived = path
	if strings.Contains(r.File, "://") {
		return
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 4<<20)
	for n := int64(1); lines.Scan(); n++ {
		if n == r.Line {
			r.Text = strings.ToValidUTF8(lines.Text(), "�")
			return
		}
	}
}
