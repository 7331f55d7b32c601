"""What every script of a client reports: one line a check, which the Go test counts."""

import os
import sys
import time
import traceback

HOST, PORT, SECRET = os.environ["PGHOST"], int(os.environ["PGPORT"]), os.environ["PGPASSWORD"]
USER, DATABASE = os.environ["PGUSER"], os.environ["PGDATABASE"]

# A statement that runs for minutes, until it is stopped.
LONG = "select sum(a.x * b.y) from generate_series(1, 3000000) a(x), generate_series(1, 3000000) b(y)"

# One value of each type, and the text of it.
TYPES = (
    "select true as a, 7::smallint as b, 70000::integer as c, 5000000000::bigint as d, 1.50::numeric(10, 2) as e, 1.5::double precision as f,"
    " 'a''b'::text as g, date '2026-02-28' as h, time '23:59:59.5' as i, timestamp '2026-07-01 12:30:00.25' as j,"
    " timestamptz '2026-07-01 12:30:00+00' as k, uuid '12345678-1234-1234-1234-123456789abc' as l, array[1, 2] as m, array['a', 'b c'] as n,"
    " null::text as o, 1.25::real as p"
)

# Tables with their descriptions, keys and relationships, as analysts' scripts look them up.
TABLES = (
    "select n.nspname, c.relname, obj_description(c.oid, 'pg_class') from pg_catalog.pg_class c"
    " join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'v') and n.nspname in ('core', 'marts', 'meta') order by 1, 2"
)
COLUMNS = (
    "select a.attname, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum) from pg_catalog.pg_attribute a"
    " where a.attrelid = 'marts.scorecard'::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum"
)
KEYS = "select conname, contype, pg_get_constraintdef(oid) from pg_catalog.pg_constraint where conrelid = 'core.fct_targets'::regclass order by 1"


def check(name, do):
    try:
        do()
        print("ok " + name, flush=True)
    except Exception as error:
        print("not ok %s: %s" % (name, str(error).replace("\n", " | ")), flush=True)
        traceback.print_exc(file=sys.stderr)


def version(text):
    print("version " + text, flush=True)


def equal(got, want):
    assert got == want, "%r, wanted %r" % (got, want)


def tables(rows):
    """Checks the answer to TABLES and gives the names."""
    found = {(r[0], r[1]): r[2] for r in rows}
    assert ("marts", "scorecard") in found and len(found) > 20, "tables: %s" % sorted(found)
    undescribed = [name for name, words in found.items() if not words]
    assert not undescribed, "no description: %s" % undescribed
    return ["%s.%s" % name for name in found]


def columns(rows):
    equal(tuple(rows[0]), ("measure_code", "text", "Code of the measure."))
    assert ("value", "numeric(38,10)") in [(r[0], r[1]) for r in rows] and all(r[2] for r in rows), rows


def keys(rows):
    told = " ".join(r[2] for r in rows)
    assert "REFERENCES dim_measures(measure_key)" in told and "UNIQUE (" in told, told


def refused(do, state):
    """Checks that something is refused with a SQLSTATE."""
    try:
        do()
    except Exception as error:
        code = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or getattr(getattr(error, "orig", None), "pgcode", None)
        assert code == state or state in str(error) or (state == "28P01" and "authentication failed" in str(error)), "%s: %s" % (code, error)
        return
    raise AssertionError("it was not refused")


def within(seconds, do):
    begun = time.monotonic()
    do()
    took = time.monotonic() - begun
    assert took < seconds, "it took %.1f s" % took
