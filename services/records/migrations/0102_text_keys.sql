-- Texts are found and put in order by keys that the program works out: without accents and case, whatever the Unicode
-- form, the same on every server and for ever (an order of the operating system or of ICU changes with their versions, and
-- indexes over it break without a word). title_key holds the whole title, for searches; s<number> the beginning of a promoted
-- text, for lists: no more than an index entry can take.
--
-- Rows that are there get keys in small letters at once; the exact ones come with their next change or with a rebuild.

-- Brings the texts of a module's table to their shape, after module_table(), which no longer hears of them.
--   p_fields   the promoted fields that hold text
--   p_names    whether records of the module are looked up by the beginning of their titles
create function %service%_log.module_texts(p_schema text, p_module int, p_fields int[], p_names boolean)
returns void language plpgsql security definer set search_path = pg_temp as $$
declare
    t      text := format('m%s_v1', p_module);
    s      text;
    second boolean;
begin
    if p_schema not in ('%service%', '%service%_rebuild') or p_module not between 1 and 32767 then
        raise exception 'not a place for a module''s tables: % %', p_schema, p_module;
    end if;
    s := quote_ident(p_schema);
    execute format('alter table %s.%I add column if not exists title_key text collate "C" not null default ''''', s, t);
    select exists (select from pg_attribute where attrelid = format('%s.%I', s, t)::regclass
                   and attname = 'scope_company2' and not attisdropped) into second;
    for i in 1 .. coalesce(cardinality(p_fields), 0) loop
        if p_fields[i] not between 1 and 10000 then
            raise exception 'not a column: f%', p_fields[i];
        end if;
        execute format('alter table %1$s.%2$I add column if not exists f%3$s text collate "C" not null default '''',
                                              add column if not exists s%3$s text collate "C" not null default ''''',
                       s, t, p_fields[i]);
        execute format('create index if not exists %I on %s.%I (scope_company, s%s, number) where not deleted',
                       format('%s_company_s%s', t, p_fields[i]), s, t, p_fields[i]);
        if second then
            execute format('create index if not exists %I on %s.%I (scope_company2, s%s, number)
                            where not deleted and scope_company2 is not null',
                           format('%s_company2_s%s', t, p_fields[i]), s, t, p_fields[i]);
        end if;
        execute format('create index if not exists %I on %s.%I (s%s, number) where not deleted',
                       format('%s_s%s', t, p_fields[i]), s, t, p_fields[i]);
    end loop;
    if p_names then
        execute format('create index if not exists %I on %s.%I (left(title_key, 100), number) where not deleted',
                       t || '_title_key', s, t);
    end if;
end $$;

revoke execute on function %service%_log.module_texts(text, int, int[], boolean) from public;
grant execute on function %service%_log.module_texts(text, int, int[], boolean) to portico_%service%;

do $$
declare
    place  record;
    fields int[];
    names  boolean;
    keys   text;
    old    record;
begin
    for place in
        select schemaname as in_schema, tablename as name, substring(tablename from 2 for length(tablename) - 4)::int as number
        from pg_tables where schemaname in ('%service%', '%service%_rebuild') and tablename ~ '^m[0-9]+_v1$'
    loop
        select coalesce(array_agg(substring(column_name from 2)::int order by column_name), '{}') into fields
        from information_schema.columns
        where table_schema = place.in_schema and table_name = place.name and column_name ~ '^f[0-9]+$' and data_type = 'text';
        select exists (select from pg_indexes where schemaname = place.in_schema and indexname = place.name || '_title')
        into names;
        perform %service%_log.module_texts(place.in_schema, place.number, fields, names);
        select coalesce(string_agg(format(', s%1$s = left(lower(f%1$s), 200)', f), ''), '') into keys from unnest(fields) f;
        execute format('update %I.%I set title_key = lower(title)%s', place.in_schema, place.name, keys);
        -- Indexes that no statement uses any more; over long texts they could not even be written.
        for old in
            select i.indexname from pg_indexes i
            where i.schemaname = place.in_schema and i.tablename = place.name
              and (i.indexname = place.name || '_title'
                   or exists (select from unnest(fields) f
                              where i.indexname in (place.name || '_f' || f, place.name || '_company_f' || f,
                                                    place.name || '_company2_f' || f)))
        loop
            execute format('drop index %I.%I', place.in_schema, old.indexname);
        end loop;
    end loop;
end $$;
