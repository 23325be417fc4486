-- Columns and indexes of fields that are promoted or demoted after their module was made are made and dropped outside of
-- appends, by the service itself. create index concurrently runs in no function and in no transaction, and only the owner of
-- a table may do it. So the tables of modules, and nothing else, belong to a role that nobody logs in as. The service may act
-- as it (set role) and inherits none of its rights.

set local lock_timeout = '3s';

do $$
declare
    place record;
begin
    if not exists (select from pg_roles where rolname = 'portico_%service%_tables') then
        begin
            create role portico_%service%_tables nologin;
        exception when duplicate_object or unique_violation then
            null; -- Roles belong to the server: another database's migration was faster.
        end;
    end if;
    if not pg_has_role('portico_%service%', 'portico_%service%_tables', 'set') then
        grant portico_%service%_tables to portico_%service% with inherit false, set true;
    end if;
    -- What runs with the rights of the migrations' owner makes these tables, moves them and takes them away.
    if not (pg_has_role(current_user, 'portico_%service%_tables', 'usage')
            and pg_has_role(current_user, 'portico_%service%_tables', 'set')) then
        execute format('grant portico_%service%_tables to %I with inherit true, set true', current_user);
    end if;
    grant usage, create on schema %service%, %service%_rebuild to portico_%service%_tables;
    for place in
        select schemaname as in_schema, tablename as name from pg_tables
        where schemaname in ('%service%', '%service%_rebuild') and tablename ~ '^m[0-9]+_(text_)?v1$'
    loop
        execute format('alter table %I.%I owner to portico_%service%_tables', place.in_schema, place.name);
    end loop;
end $$;

-- columns: the fields whose columns the table has; every change of a record fills those that are promoted.
-- sortable: the fields that lists may sort and filter by, as the module's events tell.
alter table %service%.modules_v1
    add column columns int[] not null default '{}',
    add column sortable int[] not null default '{}';

update %service%.modules_v1 m set (columns, sortable) = (
    select coalesce(array_agg(f order by f), '{}'), coalesce(array_agg(f order by f), '{}')
    from (select substring(c.column_name from 2)::int as f from information_schema.columns c
          where c.table_schema = '%service%' and c.table_name = format('m%s_v1', m.number)
            and c.column_name ~ '^f[0-9]+$') has);

-- Gives a module's tables to their role, after module_table() made them.
create function %service%_log.module_owned(p_schema text, p_module int)
returns void language plpgsql security definer set search_path = pg_temp as $$
begin
    if p_schema not in ('%service%', '%service%_rebuild') or p_module not between 1 and 32767 then
        raise exception 'not a place for a module''s tables: % %', p_schema, p_module;
    end if;
    execute format('alter table %I.%I owner to portico_%service%_tables', p_schema, format('m%s_v1', p_module));
    execute format('alter table %I.%I owner to portico_%service%_tables', p_schema, format('m%s_text_v1', p_module));
end $$;

revoke execute on function %service%_log.module_owned(text, int) from public;
grant execute on function %service%_log.module_owned(text, int) to portico_%service%;
