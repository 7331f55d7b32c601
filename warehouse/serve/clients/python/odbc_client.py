import decimal

import pyodbc

import checks
import dbapi

driver = checks.os.environ["ODBC_DRIVER"]
place = f"Driver={driver};Server={checks.HOST};Port={checks.PORT};Database={checks.DATABASE};UID={checks.USER};SSLmode=require;BoolsAsChar=0;"
connection = pyodbc.connect(place + f"PWD={checks.SECRET}", autocommit=True)
checks.version(connection.getinfo(pyodbc.SQL_DRIVER_VER))
cursor = connection.cursor()


def columns():
    found = {c.column_name: c for c in cursor.columns(table="scorecard", schema="marts")}
    checks.equal(found["measure_code"].type_name, "text")
    checks.equal((found["value"].type_name, found["value"].column_size, found["value"].decimal_digits), ("numeric", 38, 10))


def keys():
    checks.equal([k.column_name for k in cursor.primaryKeys("dim_measures", schema="core")], ["measure_key"])
    children = {(k.fktable_name, k.fkcolumn_name) for k in cursor.foreignKeys(table="dim_measures", schema="core")}
    assert ("fct_observations", "measure_key") in children, children
    parents = {(k.pktable_name, k.pkcolumn_name) for k in cursor.foreignKeys(foreignTable="fct_observations", foreignSchema="core")}
    assert ("dim_areas", "area_key") in parents, parents
    assert any(s.index_name == "dim_measures_pkey" for s in cursor.statistics("dim_measures", schema="core", unique=True))


def catalogue():
    assert len(cursor.tables(schema="marts", tableType="TABLE").fetchall()) > 5
    assert len(cursor.getTypeInfo().fetchall()) > 10
    cursor.rowIdColumns("dim_measures", schema="core").fetchall()
    cursor.rowVerColumns("dim_measures", schema="core").fetchall()
    cursor.procedures().fetchall()
    cursor.procedureColumns().fetchall()
    checks.equal("goldthread" in connection.getinfo(pyodbc.SQL_DATABASE_NAME), True)


def types():
    statement = "select true as a, 7::smallint as b, 70000::integer as c, 5000000000::bigint as d, 1.50::numeric(10, 2) as e, 1.5::double precision as f, 'a''b'::text as g, date '2026-02-28' as h, timestamp '2026-07-01 12:30:00.25' as j, null::text as o"
    row = cursor.execute(statement).fetchone()
    checks.equal(list(row), [True, 7, 70000, 5000000000, decimal.Decimal("1.50"), 1.5, "a'b", dbapi.DAY, dbapi.LOCAL, None])


def declared():
    """Cursors as Tableau and SAS have them: declared in the server and fetched some rows at a time."""
    other = pyodbc.connect(place + f"PWD={checks.SECRET};UseDeclareFetch=1;Fetch=7", autocommit=False)
    rows = other.cursor().execute("select * from marts.scorecard").fetchall()
    other.commit()
    other.close()
    checks.equal(len(rows), dbapi.ask(connection, "select count(*) from marts.scorecard")[0][0])


def timeout():
    cursor.execute("set statement_timeout = 300")
    checks.within(8, lambda: checks.refused(lambda: cursor.execute(checks.LONG), "57014"))
    cursor.execute("reset statement_timeout")


def transaction():
    other = pyodbc.connect(place + f"PWD={checks.SECRET}", autocommit=False)
    work = other.cursor()
    try:
        work.execute("select no_such_column from marts.scorecard")
    except pyodbc.Error:
        pass
    checks.equal(work.execute("select 1").fetchone()[0], 1)
    other.close()


checks.check("a wrong secret is refused", lambda: checks.refused(lambda: pyodbc.connect(place + "PWD=wrong"), "28P01"))
checks.check("columns with types", columns)
checks.check("keys and relationships", keys)
checks.check("tables and the other lists of the driver", catalogue)
dbapi.browse(connection)
checks.check("every table is read", lambda: dbapi.read_all(connection))
checks.check("a value of every type", types)
checks.check("parameters", lambda: checks.equal(tuple(dbapi.ask(connection, "select ?::integer + 1, ?", (41, "it's"))[0]), (42, "it's")))
checks.check("a cursor in the server", declared)
checks.check("a statement that fails leaves its transaction", transaction)
checks.check("cancel", lambda: dbapi.cancel(lambda: cursor.execute(checks.LONG), cursor.cancel))
checks.check("time-out", timeout)
checks.check("nothing is written", lambda: checks.refused(lambda: cursor.execute("delete from marts.scorecard"), "25006"))
