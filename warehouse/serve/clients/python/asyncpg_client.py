import asyncio
import ssl

import asyncpg

import checks
import dbapi

checks.version(asyncpg.__version__)


def rows(records):
    return [tuple(r) for r in records]


async def main():
    context = ssl.create_default_context(cafile=checks.os.environ["PGSSLROOTCERT"])
    address = {"host": checks.HOST, "port": checks.PORT, "user": checks.USER, "database": checks.DATABASE, "ssl": context}
    connection = await asyncpg.connect(password=checks.SECRET, **address)
    ask = connection.fetch

    async def check(name, do):
        try:
            await do()
            print("ok " + name, flush=True)
        except Exception as error:
            print("not ok %s: %s" % (name, str(error).replace("\n", " | ")), flush=True)

    async def refused(doing, state):
        try:
            await doing
        except asyncpg.PostgresError as error:
            checks.equal(error.sqlstate, state)
            return
        raise AssertionError("it was not refused")

    async def tls():
        connected = connection._transport.get_extra_info("ssl_object")
        assert connected is not None

    async def wrong():
        await refused(asyncpg.connect(password="wrong", **address), "28P01")

    async def tables():
        checks.tables(rows(await ask(checks.TABLES)))

    async def columns():
        checks.columns(rows(await ask(checks.COLUMNS)))

    async def keys():
        checks.keys(rows(await ask(checks.KEYS)))

    async def read():
        for name in checks.tables(rows(await ask(checks.TABLES))):
            count = await connection.fetchval("select count(*) from " + name)
            checks.equal(len(await ask("select * from " + name)), count)

    async def types():
        checks.equal(list(rows(await ask(checks.TYPES))[0]), dbapi.VALUES)

    async def parameters():
        row = await connection.fetchrow("select $1::integer + 1, $2::text, $3::date, $4 = any($5::text[])", 41, "it's", dbapi.DAY, "a", ["a", "b"])
        checks.equal(tuple(row), (42, "it's", dbapi.DAY, True))

    async def cursor():
        async with connection.transaction():
            read = [r async for r in connection.cursor("select * from marts.scorecard", prefetch=7)]
        checks.equal(len(read), await connection.fetchval("select count(*) from marts.scorecard"))

    async def cancel():
        try:
            await asyncio.wait_for(connection.execute(checks.LONG), 0.5)
        except asyncio.TimeoutError:
            checks.equal(await asyncio.wait_for(connection.fetchval("select 1"), 8), 1)
            return
        raise AssertionError("it was not stopped")

    async def timeout():
        await connection.execute("set statement_timeout = '300ms'")
        await refused(connection.execute(checks.LONG), "57014")
        await connection.execute("reset statement_timeout")

    async def written():
        await refused(connection.execute("delete from marts.scorecard"), "25006")

    await check("TLS, with the certificate checked", tls)
    await check("a wrong secret is refused", wrong)
    await check("tables with their descriptions", tables)
    await check("columns with types and descriptions", columns)
    await check("keys and relationships", keys)
    await check("every table is read", read)
    await check("a value of every type", types)
    await check("parameters", parameters)
    await check("a cursor", cursor)
    await check("cancel", cancel)
    await check("time-out", timeout)
    await check("nothing is written", written)
    await connection.close()


asyncio.run(main())
