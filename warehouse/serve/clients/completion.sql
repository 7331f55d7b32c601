-- What is offered after a first letter or two of a table, a schema, a table of a schema, a column, a setting and a database.
select pg_catalog.quote_ident(c.relname)
from pg_catalog.pg_class c
where c.relkind in ('r', 'v', 'm', 'f', 'p') and substring(pg_catalog.quote_ident(c.relname), 1, 4) = 'scor'
    and pg_catalog.pg_table_is_visible(c.oid)
    and c.relnamespace <> (select oid from pg_catalog.pg_namespace where nspname = 'pg_catalog')
union all
select pg_catalog.quote_ident(n.nspname) || '.'
from pg_catalog.pg_namespace n
where substring(pg_catalog.quote_ident(n.nspname) || '.', 1, 0) = ''
    and (
        select pg_catalog.count(*) from pg_catalog.pg_namespace
        where substring(pg_catalog.quote_ident(nspname) || '.', 1, 0) = substring('', 1, pg_catalog.length(pg_catalog.quote_ident(nspname)) + 1)
    ) > 1
union all
select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
from pg_catalog.pg_class c, pg_catalog.pg_namespace n
where c.relnamespace = n.oid and c.relkind in ('r', 'v')
    and substring(pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), 1, 8) = 'marts.sc'
union all
select pg_catalog.quote_ident(attname)
from pg_catalog.pg_attribute a, pg_catalog.pg_class c
where c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
    and substring(pg_catalog.quote_ident(attname), 1, 9) = 'measure_c'
    and (pg_catalog.quote_ident(relname) = 'scorecard' or '"' || relname || '"' = 'scorecard')
    and pg_catalog.pg_table_is_visible(c.oid)
union all
select pg_catalog.lower(name) from pg_catalog.pg_settings where substring(name, 1, 9) = 'statement'
union all
select pg_catalog.quote_ident(datname) from pg_catalog.pg_database where substring(pg_catalog.quote_ident(datname), 1, 1) = 'g'
