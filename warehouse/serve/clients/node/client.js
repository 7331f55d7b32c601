// The checks of node-postgres: a line each, which the Go test counts.
const assert = require("node:assert");
const fs = require("node:fs");
const { Client } = require("pg");
const Cursor = require("pg-cursor");

const ssl = { ca: fs.readFileSync(process.env.PGSSLROOTCERT, "utf8") };
// The driver would read these for itself, as less than what is asked for here.
delete process.env.PGSSLMODE;
delete process.env.PGSSLROOTCERT;

const long = "select sum(a.x * b.y) from generate_series(1, 3000000) a(x), generate_series(1, 3000000) b(y)";

async function check(name, act) {
  try {
    await act();
    console.log("ok " + name);
  } catch (error) {
    console.log(`not ok ${name}: ${String(error.message).replaceAll("\n", " | ")}`);
  }
}

async function refused(asked, state) {
  const outcome = await asked.then(() => "it was not refused", (error) => error.code);
  assert.strictEqual(outcome, state);
}

async function main() {
  console.log("version " + require("pg/package.json").version);
  const client = new Client({ ssl });
  await client.connect();
  const ask = async (text, values) => (await client.query(text, values)).rows;
  const tables = () =>
    ask(`select n.nspname as schema, c.relname as name, obj_description(c.oid, 'pg_class') as words from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'v') and n.nspname in ('core', 'marts', 'meta')`);

  await check("TLS, with the certificate checked", async () => assert(client.connection.stream.authorized));
  await check("a wrong secret is refused", () => refused(new Client({ ssl, password: "wrong" }).connect(), "28P01"));
  await check("tables with their descriptions", async () => {
    const found = await tables();
    assert(found.length > 20 && found.every((t) => t.words), JSON.stringify(found.filter((t) => !t.words)));
  });
  await check("columns with types and descriptions", async () => {
    const rows = await ask(`select attname, format_type(atttypid, atttypmod) as type, col_description(attrelid, attnum) as words
      from pg_attribute where attrelid = $1::regclass and attnum > 0 order by attnum`, ["marts.scorecard"]);
    assert.deepStrictEqual(rows[0], { attname: "measure_code", type: "text", words: "Code of the measure." });
  });
  await check("keys and relationships", async () => {
    const rows = await ask("select pg_get_constraintdef(oid) as told from pg_constraint where conrelid = 'core.fct_targets'::regclass");
    assert(rows.some((r) => r.told === "FOREIGN KEY (measure_key) REFERENCES dim_measures(measure_key)"), JSON.stringify(rows));
  });
  await check("every table is read", async () => {
    for (const t of await tables()) {
      const [{ count }] = await ask(`select count(*) from ${t.schema}.${t.name}`);
      assert.strictEqual((await ask(`select * from ${t.schema}.${t.name}`)).length, Number(count));
    }
  });
  await check("a value of every type", async () => {
    const [row] = await ask(`select true as a, 7::smallint as b, 70000 as c, 5000000000 as d, 1.50::numeric(10, 2) as e, 1.5::double precision as f,
      'a''b' as g, time '23:59:59.5' as i, timestamptz '2026-07-01 12:30:00+00' as k, uuid '12345678-1234-1234-1234-123456789abc' as l,
      array[1, 2] as m, array['a', 'b c'] as n, null::text as o`);
    assert.deepStrictEqual(row, {
      a: true, b: 7, c: 70000, d: "5000000000", e: "1.50", f: 1.5, g: "a'b", i: "23:59:59.5", k: new Date("2026-07-01T12:30:00Z"),
      l: "12345678-1234-1234-1234-123456789abc", m: [1, 2], n: ["a", "b c"], o: null,
    });
  });
  await check("parameters", async () => {
    assert.deepStrictEqual(await ask("select $1::integer + 1 as a, $2 as b", [41, "it's"]), [{ a: 42, b: "it's" }]);
  });
  await check("a prepared statement", async () => {
    for (const code of ["x", "y"]) {
      const { rows } = await client.query({ name: "by code", text: "select * from marts.scorecard where measure_code = $1", values: [code] });
      assert.strictEqual(rows.length, 0);
    }
  });
  await check("a cursor", async () => {
    const [{ count }] = await ask("select count(*) from marts.scorecard");
    const cursor = client.query(new Cursor("select * from marts.scorecard"));
    let read = 0;
    for (let rows = await cursor.read(7); rows.length > 0; rows = await cursor.read(7)) read += rows.length;
    await cursor.close();
    assert.strictEqual(read, Number(count));
  });
  await check("cancel", async () => {
    const other = new Client({ ssl });
    await other.connect();
    const stopped = refused(other.query(long), "57014");
    const sender = new Client({ ssl });
    setTimeout(() => sender.cancel(other, other.activeQuery ?? other._activeQuery), 500);
    await stopped;
    await other.end();
  });
  await check("time-out", async () => {
    await client.query("set statement_timeout = 300");
    await refused(client.query(long), "57014");
    await client.query("reset statement_timeout");
  });
  await check("nothing is written", () => refused(client.query("delete from marts.scorecard"), "25006"));
  await client.end();
}

main();
