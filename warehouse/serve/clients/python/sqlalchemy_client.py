import sqlalchemy
from sqlalchemy import text

import checks
import dbapi

engine = sqlalchemy.create_engine("postgresql+psycopg2://", connect_args={})
checks.version(sqlalchemy.__version__)
seen = sqlalchemy.inspect(engine)


def ask(statement, **parameters):
    with engine.connect() as connection:
        return connection.execute(text(statement), parameters).fetchall()


def schemas():
    assert {"core", "marts", "meta"} <= set(seen.get_schema_names()), seen.get_schema_names()
    assert "scorecard" in seen.get_table_names("marts") and "fct_observation_versions" in seen.get_view_names("core")
    checks.equal(seen.has_table("scorecard", "marts"), True)


def columns():
    found = {c["name"]: c for c in seen.get_columns("scorecard", "marts")}
    checks.equal(str(found["value"]["type"]), "NUMERIC(38, 10)")
    checks.equal(found["measure_code"]["comment"], "Code of the measure.")
    checks.equal(found["measure_code"]["nullable"], False)


def keys():
    checks.equal(seen.get_pk_constraint("dim_measures", "core")["constrained_columns"], ["measure_key"])
    foreign = {k["referred_table"]: k for k in seen.get_foreign_keys("fct_observations", "core")}
    checks.equal(foreign["dim_measures"]["referred_columns"], ["measure_key"])
    checks.equal(foreign["dim_measures"]["referred_schema"], "core")
    assert seen.get_unique_constraints("dim_measures", "core")[0]["column_names"] == ["measure_code", "version"]


def others():
    assert "One row per live measure" in seen.get_table_comment("scorecard", "marts")["text"]
    checks.equal(seen.get_check_constraints("scorecard", "marts"), [])
    assert any(i["unique"] for i in seen.get_indexes("dim_measures", "core"))
    assert "select" in seen.get_view_definition("fct_observation_versions", "core").lower()
    checks.equal(seen.get_sequence_names("marts"), [])
    checks.equal(seen.get_enums("marts"), [])


def reflect():
    everything = sqlalchemy.MetaData()
    for schema in ("core", "marts", "meta"):
        everything.reflect(engine, schema=schema, views=True)
    assert len(everything.tables) > 20, len(everything.tables)
    scorecard = everything.tables["marts.scorecard"]
    with engine.connect() as connection:
        rows = connection.execute(sqlalchemy.select(scorecard.c.measure_code, scorecard.c.value).where(scorecard.c.rag == "green")).fetchall()
    checks.equal(len(rows), ask("select count(*) from marts.scorecard where rag = :rag", rag="green")[0][0])


def grouped():
    rows = ask("select rag, count(*), max(value) from marts.scorecard group by rag order by 1")
    checks.equal(list(rows[0]._mapping.keys()), ["rag", "count", "max"])


checks.check("TLS", lambda: checks.equal(engine.raw_connection().driver_connection.info.ssl_in_use, True))
checks.check("schemas, tables and views", schemas)
checks.check("columns with types and descriptions", columns)
checks.check("keys and relationships", keys)
checks.check("descriptions, indexes and definitions", others)
checks.check("every table is reflected and read from", reflect)
checks.check("names of columns that have none", grouped)
checks.check("parameters", lambda: checks.equal(ask("select :a + 1, :b", a=41, b="it's"), [(42, "it's")]))
checks.check("nothing is written", lambda: checks.refused(lambda: ask("delete from marts.scorecard"), "25006"))
