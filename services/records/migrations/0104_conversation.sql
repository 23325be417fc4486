-- Where the conversation on a record stands (ARCHITECTURE.md, "Conversations"): columns of every module's table, comments
-- that were written anew or taken back, and how far each viewer has looked.

set lock_timeout = '3s';

-- What became of a comment later. Rows of a rebuild come from the table itself.
alter table %service%.comments_v1
    add column edited_at timestamptz,
    add column removed   boolean not null default false;

-- The version up to which somebody has looked at a record; -1 when it was marked as not seen. No projection: nothing of it
-- is in the log.
create table %service%.seen_v1 (
    viewer  uuid   not null,
    record  uuid   not null,
    version bigint not null,
    primary key (viewer, record)
) with (fillfactor = 80);
create index seen_v1_record on %service%.seen_v1 (record);
grant select, insert, update, delete on %service%.seen_v1 to portico_%service%;

-- Gives a module's table what its conversations need, after module_table() made it.
-- An empty moment is -infinity, as in the columns of fields. last_word: 0 nobody, 1 the customer, 2 support.
create function %service%_log.module_conversation(p_schema text, p_module int)
returns void language plpgsql security definer set search_path = pg_temp as $$
declare
    t text := format('m%s_v1', p_module);
    s text;
begin
    if p_schema not in ('%service%', '%service%_rebuild') or p_module not between 1 and 32767 then
        raise exception 'not a place for a module''s tables: % %', p_schema, p_module;
    end if;
    s := quote_ident(p_schema);
    execute format($ddl$
        alter table %s.%I
            add column if not exists activity_at       timestamptz not null default now(),
            add column if not exists agent_activity_at timestamptz not null default now(),
            add column if not exists last_word         smallint    not null default 0,
            add column if not exists waiting_since     timestamptz not null default '-infinity',
            add column if not exists closed_at         timestamptz not null default '-infinity'$ddl$, s, t);
    -- Customers' lists, by what they see happen.
    execute format('create index if not exists %I on %s.%I (scope_company, activity_at, number) where not deleted',
                   t || '_company_activity', s, t);
    execute format('create index if not exists %I on %s.%I (contact, activity_at, number) where not deleted',
                   t || '_contact_activity', s, t);
    -- What of it is open: a home asks for little of what may be much.
    execute format('create index if not exists %I on %s.%I (scope_company, activity_at, number)
                    where not deleted and closed_at = ''-infinity''', t || '_company_open', s, t);
    execute format('create index if not exists %I on %s.%I (contact, activity_at, number)
                    where not deleted and closed_at = ''-infinity''', t || '_contact_open', s, t);
    -- Agents' lists: all, and what is open, which is little however much there is.
    execute format('create index if not exists %I on %s.%I (agent_activity_at, number) where not deleted',
                   t || '_agent_activity', s, t);
    execute format('create index if not exists %I on %s.%I (agent_activity_at, number)
                    where not deleted and closed_at = ''-infinity''', t || '_open_activity', s, t);
end $$;

revoke execute on function %service%_log.module_conversation(text, int) from public;
grant execute on function %service%_log.module_conversation(text, int) to portico_%service%;

-- Rows that are there: what comments tell, at once. When a record was closed, and who acted last, only the log knows:
-- "portico projections rebuild records_v1".
do $$
declare
    place record;
begin
    for place in
        select schemaname as in_schema, tablename as name, substring(tablename from 2 for length(tablename) - 4)::int as number
        from pg_tables where schemaname in ('%service%', '%service%_rebuild') and tablename ~ '^m[0-9]+_v1$'
    loop
        perform %service%_log.module_conversation(place.in_schema, place.number);
        execute format($sql$
            update %1$I.%2$I r set
                activity_at = greatest(r.modified_at, c.public_at),
                agent_activity_at = greatest(r.modified_at, c.any_at),
                last_word = case when c.last_kind is null then case when r.created_kind in (1, 4) then 1 else 0 end
                                 when c.last_kind = 2 then 2 else 1 end
            from (select r.id, max(c.at) filter (where not c.internal) as public_at, max(c.at) as any_at,
                         (array_agg(c.author_kind order by c.version desc) filter (where not c.internal))[1] as last_kind
                  from %1$I.%2$I r left join %3$I.comments_v1 c on c.record = r.id group by r.id) c
            where c.id = r.id$sql$, place.in_schema, place.name, '%service%');
    end loop;
end $$;
