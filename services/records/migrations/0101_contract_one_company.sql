-- A record is of one company: the one that it names, else its contact's. The second company that a row had (its contact's,
-- where the record named another) let a contact's new colleagues see what belongs to the old company. scope_company has
-- held the right value all along, so nothing is worked out anew: the column goes, and its indexes with it.
--
-- Taken away in the version that stops using it, not one later, because no version that reads it was ever released.

set local lock_timeout = '3s';

do $$
declare
    place record;
begin
    for place in
        select c.table_schema, c.table_name from information_schema.columns c
        where c.table_schema in ('%service%', '%service%_rebuild') and c.column_name = 'scope_company2'
    loop
        -- The indexes over the column go with it.
        execute format('alter table %I.%I drop column scope_company2', place.table_schema, place.table_name);
    end loop;
end $$;

-- Brings a module's tables to the shape that its definition needs. Called by the projection that applies the
-- definition, with current_schema(): the live schema, or the one of a rebuild. Every name is made of numbers.
--   p_fields, p_kinds   the promoted fields: number and kind of column
--   p_status            the field that lists are filtered by most often, or 0
--   p_names             whether records of the module are looked up by the beginning of their titles
--   p_first             the module's first definition: a rebuild begins its tables anew
create or replace function %service%_log.module_table(p_schema text, p_module int, p_fields int[], p_kinds text[], p_status int,
                                       p_names boolean, p_first boolean)
returns void language plpgsql security definer set search_path = pg_temp as $$
declare
    t       text := format('m%s_v1', p_module);
    s       text;
    kind    text;
    covered text := '';
    column_of constant jsonb := jsonb_build_object(
        'picklist',  'smallint not null default 0',
        'date',      'date not null default ''-infinity''',
        'date_time', 'timestamptz not null default ''-infinity''',
        'integer',   'bigint not null default -9223372036854775808',
        'decimal',   'numeric not null default ''-infinity''',
        'checkbox',  'smallint not null default -1',
        'reference', 'uuid not null default ''00000000-0000-0000-0000-000000000000''',
        'text',      'text collate "C" not null default ''''');
begin
    if p_schema not in ('%service%', '%service%_rebuild') or p_module not between 1 and 32767 then
        raise exception 'not a place for a module''s tables: % %', p_schema, p_module;
    end if;
    s := quote_ident(p_schema);
    if p_first and p_schema = '%service%_rebuild' then
        execute format('drop table if exists %s.%I, %s.%I', s, t, s, format('m%s_text_v1', p_module));
    end if;
    execute format($ddl$
        create table if not exists %1$s.%2$I (
            id              uuid        primary key,
            number          bigint      not null constraint %3$I unique,
            scope_company   bigint,
            contact         bigint,
            company         bigint,
            owner_id        uuid,
            created_at      timestamptz not null,
            modified_at     timestamptz not null,
            version         int         not null,
            deleted         boolean     not null default false,
            created_kind    smallint    not null,
            created_by      uuid        not null,
            modified_by_ext uuid,
            title           text        not null,
            doc             bytea       not null
        ) with (fillfactor = 90)$ddl$, s, t, t || '_number');
    execute format('create table if not exists %s.%I (id uuid primary key, body bytea not null)',
                   s, format('m%s_text_v1', p_module));
    execute format('grant select, insert, update, delete on %s.%I, %s.%I to portico_%service%',
                   s, t, s, format('m%s_text_v1', p_module));

    for i in 1 .. coalesce(cardinality(p_fields), 0) loop
        kind := column_of ->> p_kinds[i];
        if kind is null or p_fields[i] not between 1 and 10000 then
            raise exception 'not a column: f% %', p_fields[i], p_kinds[i];
        end if;
        execute format('alter table %s.%I add column if not exists f%s %s', s, t, p_fields[i], kind);
        if p_kinds[i] = 'picklist' then
            covered := covered || format('%sf%s', case when covered = '' then '' else ', ' end, p_fields[i]);
        end if;
    end loop;
    if covered <> '' then
        covered := format('include (%s)', covered);
    end if;

    execute format('create index if not exists %I on %s.%I (scope_company, modified_at, number) %s where not deleted',
                   t || '_company_modified', s, t, covered);
    execute format('create index if not exists %I on %s.%I (contact, modified_at, number) where not deleted',
                   t || '_contact_modified', s, t);
    execute format('create index if not exists %I on %s.%I (modified_at, number) %s where not deleted',
                   t || '_modified', s, t, covered);
    execute format('create index if not exists %I on %s.%I (scope_company, number) where not deleted',
                   t || '_company_number', s, t);
    for i in 1 .. coalesce(cardinality(p_fields), 0) loop
        execute format('create index if not exists %I on %s.%I (scope_company, f%s, number) where not deleted',
                       format('%s_company_f%s', t, p_fields[i]), s, t, p_fields[i]);
        execute format('create index if not exists %I on %s.%I (f%s, number) where not deleted',
                       format('%s_f%s', t, p_fields[i]), s, t, p_fields[i]);
    end loop;
    if p_status > 0 then
        execute format('create index if not exists %I on %s.%I (scope_company, f%s, modified_at, number) where not deleted',
                       t || '_company_status', s, t, p_status);
    end if;
    if p_names then
        execute format('create index if not exists %I on %s.%I (lower(title) text_pattern_ops, number) where not deleted',
                       t || '_title', s, t);
    end if;
end $$;
