import psycopg

import checks
import dbapi

connection = psycopg.connect("", autocommit=True)
checks.version(psycopg.__version__)


def binary():
    cursor = connection.cursor(binary=True)
    row = cursor.execute(checks.TYPES).fetchone()
    checks.equal(list(row), dbapi.VALUES)


def server_cursor():
    with connection.transaction():
        cursor = connection.cursor("few_at_a_time")
        cursor.itersize = 7
        rows = len(list(cursor.execute("select * from marts.scorecard")))
    checks.equal(rows, dbapi.ask(connection, "select count(*) from marts.scorecard")[0][0])


def copy():
    with connection.cursor().copy("copy (select measure_code, value from marts.scorecard) to stdout") as rows:
        read = len(list(rows.rows()))
    checks.equal(read, dbapi.ask(connection, "select count(*) from marts.scorecard")[0][0])


def timeout():
    connection.execute("set statement_timeout = '300ms'")
    checks.within(8, lambda: checks.refused(lambda: connection.execute(checks.LONG), "57014"))
    connection.execute("reset statement_timeout")


checks.check("TLS", lambda: checks.equal(connection.pgconn.ssl_in_use, True))
checks.check("a wrong secret is refused", lambda: checks.refused(lambda: psycopg.connect("password=wrong"), "28P01"))
dbapi.browse(connection)
checks.check("every table is read", lambda: dbapi.read_all(connection))
checks.check("a value of every type", lambda: checks.equal(list(dbapi.ask(connection, checks.TYPES)[0]), dbapi.VALUES))
checks.check("the same in binary", binary)
checks.check(
    "parameters",
    lambda: checks.equal(dbapi.ask(connection, "select %s::integer + 1, %s::text, %s::date", (41, "it's", dbapi.DAY)), [(42, "it's", dbapi.DAY)]),
)
checks.check("a type is looked up", lambda: checks.equal(psycopg.types.TypeInfo.fetch(connection, "numeric").oid, 1700))
checks.check("a server's cursor", server_cursor)
checks.check("copy", copy)
checks.check("cancel", lambda: dbapi.cancel(lambda: connection.execute(checks.LONG), connection.cancel))
checks.check("time-out", timeout)
checks.check("nothing is written", lambda: checks.refused(lambda: connection.execute("delete from marts.scorecard"), "25006"))
