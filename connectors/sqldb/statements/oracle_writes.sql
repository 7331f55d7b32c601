-- To what the account could write, were its transaction not read-only; nothing where to nothing.
select
    case
        when rights.on_all > 0
            then 'every table of the database'
        when rights.on_some > 0
            then rights.on_some || ' tables and views of others'
        when rights.owned > 0
            then rights.owned || ' tables that it owns'
    end as what
from (
    select
        (
            select count(*)
            from session_privs
            where privilege in ('INSERT ANY TABLE', 'UPDATE ANY TABLE', 'DELETE ANY TABLE', 'ALTER ANY TABLE', 'DROP ANY TABLE')
        ) as on_all,
        (
            select count(distinct owner || '.' || table_name)
            from all_tab_privs_recd
            where
                privilege in ('INSERT', 'UPDATE', 'DELETE', 'ALTER')
                and grantee <> 'PUBLIC'
        ) as on_some,
        (select count(*) from user_tables) as owned
    from dual
) rights
