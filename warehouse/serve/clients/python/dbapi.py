"""The checks that the drivers with Python's database interface share."""

import datetime
import threading
import uuid
from decimal import Decimal

import checks

DAY = datetime.date(2026, 2, 28)
LOCAL = datetime.datetime(2026, 7, 1, 12, 30, 0, 250000)
MOMENT = datetime.datetime(2026, 7, 1, 12, 30, tzinfo=datetime.timezone.utc)
UUID = uuid.UUID("12345678-1234-1234-1234-123456789abc")
VALUES = [
    True, 7, 70000, 5000000000, Decimal("1.50"), 1.5, "a'b", DAY, datetime.time(23, 59, 59, 500000), LOCAL, MOMENT, UUID, [1, 2], ["a", "b c"],
    None, 1.25,
]


def ask(connection, statement, *parameters):
    cursor = connection.cursor()
    cursor.execute(statement, *parameters)
    rows = cursor.fetchall()
    cursor.close()
    return rows


def browse(connection):
    checks.check("tables with their descriptions", lambda: checks.tables(ask(connection, checks.TABLES)))
    checks.check("columns with types and descriptions", lambda: checks.columns(ask(connection, checks.COLUMNS)))
    checks.check("keys and relationships", lambda: checks.keys(ask(connection, checks.KEYS)))


def read_all(connection):
    for name in checks.tables(ask(connection, checks.TABLES)):
        count = ask(connection, "select count(*) from " + name)[0][0]
        rows = ask(connection, "select * from " + name)
        assert len(rows) == count, "%s: %d rows of %d" % (name, len(rows), count)


def cancel(run, stop):
    """Runs the long statement, and stops it from another thread once it is under way."""
    timer = threading.Timer(0.5, stop)
    timer.start()
    checks.within(8, lambda: checks.refused(run, "57014"))
    timer.join()
