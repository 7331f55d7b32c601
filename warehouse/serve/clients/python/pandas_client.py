import pandas
import sqlalchemy

import checks

engine = sqlalchemy.create_engine("postgresql+psycopg://")
checks.version(pandas.__version__)


def by_name():
    frame = pandas.read_sql_table("scorecard", engine, schema="marts")
    checks.equal(len(frame), int(pandas.read_sql("select count(*) from marts.scorecard", engine)["count"][0]))
    checks.equal(str(frame["is_late"].dropna().map(type).unique()[0]), "<class 'bool'>")


def in_pieces():
    whole = pandas.read_sql("select * from core.fct_observations", engine)
    pieces = pandas.concat(pandas.read_sql("select * from core.fct_observations", engine, chunksize=500))
    checks.equal(len(pieces), len(whole))


def every_table():
    for schema in ("core", "marts", "meta"):
        for name in sqlalchemy.inspect(engine).get_table_names(schema):
            frame = pandas.read_sql(f"select * from {schema}.{name}", engine)
            checks.equal(len(frame), int(pandas.read_sql(f"select count(*) as n from {schema}.{name}", engine)["n"][0]))


def types():
    frame = pandas.read_sql(checks.TYPES, engine)
    checks.equal([frame[c][0] for c in "abcd"], [True, 7, 70000, 5000000000])
    checks.equal(str(frame["k"].dtype).startswith("datetime64["), True)


def parameters():
    frame = pandas.read_sql(sqlalchemy.text("select * from marts.scorecard where measure_code = :code"), engine, params={"code": "none"})
    checks.equal(len(frame), 0)


checks.check("a table by its name", by_name)
checks.check("every table is read", every_table)
checks.check("a table in pieces", in_pieces)
checks.check("a value of every type", types)
checks.check("parameters", parameters)
