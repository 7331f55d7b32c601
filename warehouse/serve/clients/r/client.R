# The checks of R: a line each, which the Go test counts.
library(DBI)
library(RPostgreSQL)

cat("version", as.character(packageVersion("RPostgreSQL")), "\n")
place <- sprintf("dbname=goldthread sslmode=require")
connection <- dbConnect(PostgreSQL(), dbname = place, host = Sys.getenv("PGHOST"), port = as.integer(Sys.getenv("PGPORT")),
                        user = Sys.getenv("PGUSER"), password = Sys.getenv("PGPASSWORD"))

check <- function(name, act) {
  problem <- tryCatch({ stopifnot(isTRUE(act())); NULL }, error = function(e) conditionMessage(e), warning = function(e) conditionMessage(e))
  if (is.null(problem)) cat("ok", name, "\n") else cat("not ok ", name, ": ", gsub("\n", " | ", problem), "\n", sep = "")
}

ask <- function(statement) dbGetQuery(connection, statement)

tables <- function() ask("
  select n.nspname, c.relname, obj_description(c.oid, 'pg_class') as words from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'v') and n.nspname in ('core', 'marts', 'meta')")

check("a list of tables", function() all(c("scorecard", "fct_observations") %in% dbListTables(connection)))
check("the fields of a table", function() "measure_code" %in% dbListFields(connection, "scorecard"))
check("a table is there", function() dbExistsTable(connection, c("marts", "scorecard")))
check("tables with their descriptions", function() {
  found <- tables()
  nrow(found) > 20 && all(nzchar(found$words))
})
check("keys and relationships", function() {
  told <- ask("select pg_get_constraintdef(oid) as told from pg_constraint where conrelid = 'core.fct_targets'::regclass")$told
  "FOREIGN KEY (measure_key) REFERENCES dim_measures(measure_key)" %in% told
})
check("every table is read", function() {
  found <- tables()
  all(mapply(function(schema, name) {
    nrow(ask(sprintf("select * from %s.%s", schema, name))) == ask(sprintf("select count(*) from %s.%s", schema, name))$count
  }, found$nspname, found$relname))
})
check("a value of every type", function() {
  row <- suppressWarnings(ask("select true as a, 7::smallint as b, 70000 as c, 1.50::numeric(10, 2) as e, 1.5::double precision as f, 'a''b'::text as g,
              date '2026-02-28' as h, timestamp '2026-07-01 12:30:00' as j, null::text as o"))
  row$a && row$b == 7 && row$c == 70000 && row$e == 1.5 && row$f == 1.5 && row$g == "a'b" && row$h == as.Date("2026-02-28") && is.na(row$o)
})
check("a table by its name", function() nrow(dbReadTable(connection, c("marts", "scorecard"))) == ask("select count(*) from marts.scorecard")$count)
check("some rows at a time", function() {
  answer <- dbSendQuery(connection, "select * from core.fct_observations")
  first <- nrow(fetch(answer, 7))
  rest <- nrow(fetch(answer, -1))
  dbClearResult(answer)
  first == 7 && first + rest == ask("select count(*) from core.fct_observations")$count
})
# The driver prints what is wrong and gives nothing; the connection keeps the words.
told <- function(statement) {
  suppressWarnings(try(dbGetQuery(connection, statement), silent = TRUE))
  dbGetException(connection)$errorMsg
}
check("time-out", function() {
  dbGetQuery(connection, "set statement_timeout = 300")
  words <- told("select sum(a.x * b.y) from generate_series(1, 3000000) a(x), generate_series(1, 3000000) b(y)")
  dbGetQuery(connection, "reset statement_timeout")
  grepl("timeout", words)
})
check("nothing is written", function() grepl("read-only", told("delete from marts.scorecard")))
