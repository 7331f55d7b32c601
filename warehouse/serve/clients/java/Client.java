import java.math.BigDecimal;
import java.sql.*;
import java.util.*;
import java.util.concurrent.Callable;

/** The checks of pgJDBC: a line each, which the Go test counts. */
public class Client {
    static final String LONG = "select sum(a.x * b.y) from generate_series(1, 3000000) a(x), generate_series(1, 3000000) b(y)";

    interface Act { void run() throws Exception; }

    static void check(String name, Act act) {
        try {
            act.run();
            System.out.println("ok " + name);
        } catch (Throwable problem) {
            System.out.println("not ok " + name + ": " + String.valueOf(problem.getMessage()).replace("\n", " | "));
            problem.printStackTrace();
        }
    }

    static void equal(Object got, Object want) {
        if (!Objects.equals(got, want)) throw new AssertionError(got + ", wanted " + want);
    }

    static void refused(Callable<?> act, String state) throws Exception {
        try {
            act.call();
        } catch (SQLException problem) {
            equal(problem.getSQLState(), state);
            return;
        }
        throw new AssertionError("it was not refused");
    }

    static List<Map<String, Object>> rows(ResultSet answer) throws SQLException {
        List<Map<String, Object>> all = new ArrayList<>();
        ResultSetMetaData columns = answer.getMetaData();
        while (answer.next()) {
            Map<String, Object> row = new LinkedHashMap<>();
            for (int i = 1; i <= columns.getColumnCount(); i++) row.put(columns.getColumnLabel(i).toUpperCase(), answer.getObject(i));
            all.add(row);
        }
        answer.close();
        return all;
    }

    static Connection connect(String secret) throws SQLException {
        Map<String, String> env = System.getenv();
        String place = "jdbc:postgresql://" + env.get("PGHOST") + ":" + env.get("PGPORT") + "/goldthread?sslmode=verify-ca&sslrootcert=" + env.get("PGSSLROOTCERT");
        return DriverManager.getConnection(place, env.get("PGUSER"), secret);
    }

    public static void main(String[] arguments) throws Exception {
        String secret = System.getenv("PGPASSWORD");
        Connection connection = connect(secret);
        DatabaseMetaData told = connection.getMetaData();
        System.out.println("version " + told.getDriverVersion());
        check("TLS, with the certificate checked", () -> equal(connection.isValid(5), true));
        check("a wrong secret is refused", () -> refused(() -> connect("wrong"), "28P01"));
        check("tables with their descriptions", () -> tables(told));
        check("columns with types and descriptions", () -> columns(told));
        check("keys", () -> keys(told));
        check("relationships", () -> relationships(told));
        check("each list of the driver", () -> lists(told));
        check("each value the driver tells", () -> values(told));
        check("every table is read", () -> readAll(connection, told));
        check("a value of every type", () -> types(connection));
        check("parameters, also after the driver prepares them", () -> parameters(connection));
        check("rows a few at a time", () -> fewAtATime(connection));
        check("cancel", () -> cancel(connection));
        check("time-out", () -> timeout(connection));
        check("nothing is written", () -> refused(() -> connection.createStatement().executeUpdate("delete from marts.scorecard"), "25006"));
    }

    static void tables(DatabaseMetaData told) throws SQLException {
        List<Map<String, Object>> found = rows(told.getTables(null, "marts", "%", new String[] {"TABLE", "VIEW"}));
        found.addAll(rows(told.getTables(null, "core", "%", new String[] {"TABLE", "VIEW"})));
        if (found.size() < 15) throw new AssertionError(found.toString());
        for (Map<String, Object> table : found) if (table.get("REMARKS") == null) throw new AssertionError("no description: " + table);
    }

    static void columns(DatabaseMetaData told) throws SQLException {
        List<Map<String, Object>> found = rows(told.getColumns(null, "marts", "scorecard", "%"));
        Map<String, Object> first = found.get(0);
        equal(first.get("COLUMN_NAME") + " " + first.get("TYPE_NAME") + " " + first.get("IS_NULLABLE") + " " + first.get("REMARKS"), "measure_code text NO Code of the measure.");
        for (Map<String, Object> column : found) {
            if (column.get("COLUMN_NAME").equals("value")) equal(column.get("TYPE_NAME") + " " + column.get("COLUMN_SIZE") + " " + column.get("DECIMAL_DIGITS"), "numeric 38 10");
        }
    }

    static void keys(DatabaseMetaData told) throws SQLException {
        List<Map<String, Object>> found = rows(told.getPrimaryKeys(null, "core", "dim_measures"));
        equal(found.size() + " " + found.get(0).get("COLUMN_NAME") + " " + found.get(0).get("KEY_SEQ"), "1 measure_key 1");
        equal(rows(told.getPrimaryKeys(null, "marts", "benchmarks")).size(), 3);
        if (rows(told.getIndexInfo(null, "core", "dim_measures", true, false)).size() < 3) throw new AssertionError("indexes");
        rows(told.getBestRowIdentifier(null, "core", "dim_measures", DatabaseMetaData.bestRowSession, false));
    }

    static void relationships(DatabaseMetaData told) throws SQLException {
        Set<String> parents = new TreeSet<>();
        for (Map<String, Object> key : rows(told.getImportedKeys(null, "core", "fct_observations"))) {
            parents.add(key.get("PKTABLE_NAME") + "." + key.get("PKCOLUMN_NAME") + "=" + key.get("FKCOLUMN_NAME"));
        }
        equal(parents.toString(), "[dim_areas.area_key=area_key, dim_breakdowns.breakdown_key=breakdown_key, dim_measures.measure_key=measure_key,"
            + " dim_organisations.organisation_key=organisation_key, dim_periods.period_key=period_key]");
        equal(rows(told.getExportedKeys(null, "core", "dim_measures")).size(), 4);
        equal(rows(told.getCrossReference(null, "core", "dim_areas", null, "core", "fct_observations")).size(), 1);
    }

    static void lists(DatabaseMetaData told) throws SQLException {
        if (rows(told.getSchemas()).size() < 4 || rows(told.getSchemas(null, "ma%")).size() != 1) throw new AssertionError("schemas");
        equal(rows(told.getCatalogs()).toString(), "[{TABLE_CAT=goldthread}]");
        if (rows(told.getTypeInfo()).size() < 20) throw new AssertionError("types");
        if (rows(told.getTableTypes()).size() < 3) throw new AssertionError("kinds of table");
        rows(told.getProcedures(null, "%", "%"));
        rows(told.getProcedureColumns(null, "%", "%", "%"));
        rows(told.getFunctions(null, "%", "%"));
        rows(told.getFunctionColumns(null, "marts", "%", "%"));
        rows(told.getColumnPrivileges(null, "marts", "scorecard", "%"));
        rows(told.getTablePrivileges(null, "marts", "scorecard"));
        rows(told.getVersionColumns(null, "marts", "scorecard"));
        rows(told.getUDTs(null, "%", "%", null));
        rows(told.getClientInfoProperties());
        rows(told.getTables(null, null, "%", null));
        rows(told.getColumns(null, "%", "%", "%"));
        rows(told.getIndexInfo(null, "marts", "scorecard", false, true));
    }

    static void values(DatabaseMetaData told) throws SQLException {
        equal(told.getDatabaseProductName(), "PostgreSQL");
        equal(told.getDatabaseMajorVersion(), 15);
        equal(told.getMaxColumnNameLength(), 63);
        equal(told.getMaxColumnsInIndex(), 32);
        if (told.getSQLKeywords() == null) throw new AssertionError("keywords");
        equal(told.getUserName(), System.getenv("PGUSER"));
        told.getNumericFunctions();
        told.getStringFunctions();
        told.getSystemFunctions();
        told.getTimeDateFunctions();
        told.getDefaultTransactionIsolation();
        equal(told.getConnection().getSchema(), "marts");
    }

    static void readAll(Connection connection, DatabaseMetaData told) throws SQLException {
        for (String schema : new String[] {"core", "marts", "meta"}) {
            for (Map<String, Object> table : rows(told.getTables(null, schema, "%", new String[] {"TABLE", "VIEW"}))) {
                String name = schema + "." + table.get("TABLE_NAME");
                List<Map<String, Object>> counted = rows(connection.createStatement().executeQuery("select count(*) from " + name));
                equal((long) rows(connection.createStatement().executeQuery("select * from " + name)).size(), counted.get(0).get("COUNT"));
            }
        }
    }

    static void types(Connection connection) throws SQLException {
        String statement = "select true as a, 7::smallint as b, 70000::integer as c, 5000000000::bigint as d, 1.50::numeric(10, 2) as e, 1.5::double precision as f,"
            + " 'a''b'::text as g, date '2026-02-28' as h, time '23:59:59' as i, timestamp '2026-07-01 12:30:00.25' as j, timestamptz '2026-07-01 12:30:00+00' as k,"
            + " uuid '12345678-1234-1234-1234-123456789abc' as l, array[1, 2] as m, null::text as o, 1.25::real as p, ? as q";
        try (PreparedStatement prepared = connection.prepareStatement(statement)) {
            for (int time = 0; time < 8; time++) { // from the fifth time on the driver asks for binary
                prepared.setString(1, "x");
                ResultSet row = prepared.executeQuery();
                row.next();
                equal(row.getBoolean(1) + " " + row.getShort(2) + " " + row.getInt(3) + " " + row.getLong(4) + " " + row.getBigDecimal(5) + " " + row.getDouble(6)
                    + " " + row.getString(7) + " " + row.getDate(8) + " " + row.getTime(9) + " " + row.getTimestamp(10) + " " + row.getTimestamp(11).toInstant()
                    + " " + row.getObject(12) + " " + Arrays.toString((Object[]) row.getArray(13).getArray()) + " " + row.getString(14) + " " + row.getFloat(15),
                    "true 7 70000 5000000000 1.50 1.5 a'b 2026-02-28 23:59:59 2026-07-01 12:30:00.25 2026-07-01T12:30:00Z 12345678-1234-1234-1234-123456789abc [1, 2] null 1.25");
                row.close();
            }
        }
    }

    static void parameters(Connection connection) throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement("select ?::integer + 1, ?::text, ?::date, ?::numeric + 0.5")) {
            for (int time = 0; time < 8; time++) {
                prepared.setInt(1, 41);
                prepared.setString(2, "it's");
                prepared.setDate(3, java.sql.Date.valueOf("2026-02-28"));
                prepared.setBigDecimal(4, new BigDecimal("1.25"));
                ResultSet row = prepared.executeQuery();
                row.next();
                equal(row.getInt(1) + " " + row.getString(2) + " " + row.getDate(3) + " " + row.getBigDecimal(4).stripTrailingZeros(), "42 it's 2026-02-28 1.75");
            }
        }
    }

    static void fewAtATime(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        Statement statement = connection.createStatement();
        statement.setFetchSize(7);
        int read = rows(statement.executeQuery("select * from marts.scorecard")).size();
        connection.commit();
        connection.setAutoCommit(true);
        equal((long) read, rows(connection.createStatement().executeQuery("select count(*) from marts.scorecard")).get(0).get("COUNT"));
    }

    static void cancel(Connection connection) throws Exception {
        Statement statement = connection.createStatement();
        Timer timer = new Timer(true);
        timer.schedule(new TimerTask() {
            public void run() {
                try {
                    statement.cancel();
                } catch (SQLException problem) {
                    problem.printStackTrace();
                }
            }
        }, 500);
        refused(() -> statement.executeQuery(LONG), "57014");
    }

    static void timeout(Connection connection) throws Exception {
        Statement statement = connection.createStatement();
        statement.setQueryTimeout(1);
        refused(() -> statement.executeQuery(LONG), "57014");
    }
}
