import psycopg2
import psycopg2.extras

import checks
import dbapi

connection = psycopg2.connect("")
connection.autocommit = True
checks.version(psycopg2.__version__.split(" ")[0])
psycopg2.extras.register_uuid()


def named_cursor():
    connection.autocommit = False
    cursor = connection.cursor("few_at_a_time")
    cursor.itersize = 7
    cursor.execute("select * from marts.scorecard")
    rows = len(list(cursor))
    cursor.close()
    connection.commit()
    connection.autocommit = True
    checks.equal(rows, dbapi.ask(connection, "select count(*) from marts.scorecard")[0][0])


def timeout():
    cursor = connection.cursor()
    cursor.execute("set statement_timeout = '300ms'")
    checks.within(8, lambda: checks.refused(lambda: cursor.execute(checks.LONG), "57014"))
    cursor.execute("reset statement_timeout")


def read_only():
    checks.refused(lambda: dbapi.ask(connection, "delete from marts.scorecard"), "25006")


checks.check("TLS", lambda: checks.equal(connection.info.ssl_in_use, True))
checks.check("a wrong secret is refused", lambda: checks.refused(lambda: psycopg2.connect("password=wrong"), "28P01"))
dbapi.browse(connection)
checks.check("every table is read", lambda: dbapi.read_all(connection))
checks.check("a value of every type", lambda: checks.equal(list(dbapi.ask(connection, checks.TYPES)[0]), dbapi.VALUES))
checks.check(
    "parameters",
    lambda: checks.equal(dbapi.ask(connection, "select %s::integer + 1, %s, %s::date", (41, "it's", dbapi.DAY)), [(42, "it's", dbapi.DAY)]),
)
checks.check("a named cursor", named_cursor)
checks.check("cancel", lambda: dbapi.cancel(lambda: dbapi.ask(connection, checks.LONG), connection.cancel))
checks.check("time-out", timeout)
checks.check("nothing is written", read_only)
