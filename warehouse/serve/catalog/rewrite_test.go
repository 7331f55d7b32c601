package catalog_test

import (
	"testing"

	"github.com/goldthread/goldthread/warehouse/serve/catalog"
)

func TestRewrite(t *testing.T) {
	for name, one := range map[string]struct{ given, want string }{
		"a schema":           {"select 1 as a from pg_catalog.pg_class c, information_schema.tables", "select 1 as a from pgc.pg.pg_class c, pgc.info.tables"},
		"a quoted schema":    {`select 1 as a from "pg_catalog"."pg_class"`, "select 1 as a from pgc.pg.pg_class"},
		"a function":         {"select pg_catalog.format_type(1, 2) as a", "select format_type(1, 2) as a"},
		"an operator":        {"select a from t where a operator(pg_catalog.~) '^x' collate pg_catalog.default", "select a from t where a ~ '(?s:.*)(?:^x)(?s:.*)'"},
		"any case":           {"select a from t where a !~* 'x'", "select a from t where a !~ '(?s:.*)(?i:x)(?s:.*)'"},
		"a pattern":          {"select a from t where a ~ b", "select a from t where a ~ ('(?s:.*)(?:' ||  b || ')(?s:.*)')"},
		"a name looked up":   {"select a from t where b = 'marts.t'::pg_catalog.regclass", "select a from t where b = to_regclass('marts.t')"},
		"a name told":        {"select c.oid::regclass as a from t c", "select name_of_class(c.oid) as a from t c"},
		"a number":           {"select a from t where b = c.oid::regclass::oid", "select a from t where b = to_regclass(c.oid)"},
		"a cast by call":     {"select cast('t' as regclass) as a", "select to_regclass(('t')) as a"},
		"an array":           {"select a from t where a = any ('{x,y}'::text[])", "select a from t where list_contains('[x,y]'::text[],  a)"},
		"not in an array":    {"select a from t where t.a <> all (array['x'])", "select a from t where not list_contains(array['x'],  t.a)"},
		"any of a query":     {"select a from t where a = any (select b from u)", "select a from t where a = any (select b from u)"},
		"any of a parameter": {"select a from t where t.a = any($1)", "select a from t where list_contains($1::varchar[],  t.a::varchar)"},
		"a vector":           {"select i.indkey[0] as a from i where 1 = any(i.indkey)", "select pg_vector(i.indkey)[(0) + 1] as a from i where list_contains(pg_vector(i.indkey),  1)"},
		"a set of rows":      {"select generate_series(1, 2) as a", "select unnest(short_series(1, 2)) as a"},
		"a set as table":     {"select s from generate_series(1, 2) s", "select s from generate_series(1, 2) s(s)"},
		"a date format":      {"select to_char(a, 'YYYY-MM-DD HH24:MI') as a from t", "select strftime(a, '%Y-%m-%d %H:%M') as a from t"},
		"an unknown format":  {"select to_char(a, '999D9') as a from t", "select to_char(a, '999D9') as a from t"},
		"names":              {"select count(*), a::int, 'x'::text, 1 + 1, t.b, *, c d from t", `select count(*) as "count", a::int as "a", 'x'::text as "text", 1 + 1 as "?column?", t.b, *, c d from t`},
		"a name of a case":   {"select case when a then 1 end, (select max(b) from u), exists (select * from u) from t", `select case when a then 1 end as "case", (select max(b) as "max" from u) as "max", exists (select * from u) as "exists" from t`},
		"names in windows":   {"select sum(a) over (order by b), count(*) filter (where a > 1), max(a)::int from t", `select sum(a) over (order by b) as "sum", count(*) filter (where a > 1) as "count", max(a)::int as "max" from t`},
		"distinct from":      {"select a is distinct from b, extract(year from d) from t", `select a is distinct from b as "?column?", cast(extract(year from d) as decimal(38, 0)) as "extract" from t`},
		"who asks":           {"select current_user, t.user, current_user as u", `select session_role() as "current_user", t.user, session_role() as u`},
		"a text":             {"select 'x::regclass = any(y)' as a -- ::regclass", "select 'x::regclass = any(y)' as a"},
		"broken":             {"select (((", "select ((("},
		"only an operator":   {"::regclass", "::regclass"},
	} {
		if got := catalog.Rewrite(one.given); got != one.want {
			t.Errorf("%s:\n%s\nbecomes\n%s\nwanted\n%s", name, one.given, got, one.want)
		}
	}
}
