-- The append-only event log of one service. %service% is replaced by the service's name.
-- Tables are described in ARCHITECTURE.md, "The event log".

create table %service%_log.head (
    one   boolean primary key default true check (one),
    pos   bigint  not null,
    epoch int     not null
);
insert into %service%_log.head (pos, epoch) values (0, 1);

create table %service%_log.stream (
    stream_id uuid     primary key,
    category  smallint not null,
    version   bigint   not null,
    first_pos bigint   not null,
    last_pos  bigint   not null,
    hash      bytea    not null
) with (fillfactor = 80);

create table %service%_log.type (
    id   smallint generated always as identity primary key,
    name text     unique not null
);

create table %service%_log.event (
    pos            bigint      not null,
    stream_id      uuid        not null,
    stream_version bigint      not null,
    event_id       uuid        not null,
    type_id        smallint    not null references %service%_log.type,
    recorded_at    timestamptz not null,
    actor_id       uuid        not null,
    actor_kind     smallint    not null,
    on_behalf_of   uuid,
    channel        smallint    not null,
    session_id     uuid,
    command_id     uuid        not null,
    correlation_id uuid        not null,
    causation_id   uuid,
    traceparent    text,
    payload        bytea       not null,
    key_id         uuid,
    prev_hash      bytea       not null,
    hash           bytea       not null,
    primary key (pos)
) partition by range (pos);

create table %service%_log.claim (
    scope  text  not null,
    key    bytea not null,
    holder uuid  not null,
    primary key (scope, key)
);

create table %service%_log.counter (
    name  text   primary key,
    value bigint not null
);

create table %service%_log.command (
    command_id   uuid        not null,
    request_hash bytea       not null,
    first_pos    bigint      not null,
    last_pos     bigint      not null,
    result       bytea       not null,
    at           timestamptz not null,
    primary key (command_id, at)
) partition by range (at);

create table %service%_log.inbox (
    source text   primary key,
    epoch  int    not null,
    pos    bigint not null
);

-- What a consumer could not handle yet (retrying, waiting behind such an event) or at all (dead).
create table %service%_log.dead (
    consumer         text        not null,
    source           text        not null,
    pos              bigint      not null,
    stream_id        uuid        not null,
    event_id         uuid        not null,
    type             text        not null,
    state            text        not null check (state in ('retrying', 'waiting', 'dead')),
    error            text        not null,
    attempts         int         not null,
    next_at          timestamptz not null,
    at               timestamptz not null,
    replay_requested boolean     not null default false,
    primary key (consumer, source, pos)
);
create index on %service%_log.dead (source, stream_id);

-- One data key per person; an erased one keeps its row, so that it is never made again.
create table %service%_log.data_key (
    key_id     uuid        primary key,
    wrapped    bytea,
    created_at timestamptz not null default now(),
    erased_at  timestamptz
);

-- Where a rebuild of a projection stands.
create table %service%_log.rebuild (
    projection  text        primary key,
    pos         bigint      not null,
    state       text        not null check (state in ('running', 'done', 'failed')),
    error       text,
    started_at  timestamptz not null,
    finished_at timestamptz
);

-- Nobody changes an event, not even the owner by mistake: TRUNCATE of a partition passes by its parent's
-- trigger, so each partition has its own.
create function %service%_log.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the event log is append-only' using errcode = 'insufficient_privilege';
end $$;

create function %service%_log.add_event_partition(n bigint) returns void
language plpgsql security definer set search_path = %service%_log, pg_temp as $$
declare
    size constant bigint := 10000000;
    name text := 'event_p' || n;
begin
    if to_regclass('%service%_log.' || name) is not null then
        return;
    end if;
    execute format('create table %I partition of event for values from (%s) to (%s)', name, n * size + 1, (n + 1) * size + 1);
    execute format('create index on %I (stream_id, stream_version)', name);
    execute format('create trigger append_only_row before update or delete on %I for each row execute function refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I for each statement execute function refuse_change()', name);
    execute format('alter table %I enable always trigger append_only_row', name);
    execute format('alter table %I enable always trigger append_only_truncate', name);
    execute format('grant insert, select on %I to portico_%service%', name);
end $$;

create trigger append_only_truncate before truncate on %service%_log.event
    for each statement execute function %service%_log.refuse_change();
alter table %service%_log.event enable always trigger append_only_truncate;

-- Makes partitions ahead of need and drops remembered commands after 35 days. Cheap when there is nothing to do.
create function %service%_log.maintain() returns void
language plpgsql security definer set search_path = %service%_log, pg_temp as $$
declare
    month date;
    old   text;
begin
    perform pg_advisory_xact_lock(hashtext('%service%_log.maintain'));
    for i in 0..1 loop
        perform add_event_partition((select pos from head) / 10000000 + i);
        month := (date_trunc('month', now() at time zone 'utc') + i * interval '1 month')::date;
        if to_regclass('%service%_log.command_' || to_char(month, 'YYYYMM')) is null then
            execute format('create table %I partition of command for values from (%L) to (%L)',
                'command_' || to_char(month, 'YYYYMM'), month || ' 00:00:00+00', (month + interval '1 month')::date || ' 00:00:00+00');
            execute format('grant insert, select on %I to portico_%service%', 'command_' || to_char(month, 'YYYYMM'));
        end if;
    end loop;
    for old in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'command'::regclass
          and to_date(substring(c.relname from 'command_(\d{6})'), 'YYYYMM') + interval '1 month' < now() - interval '35 days'
    loop
        execute format('drop table %I', old);
    end loop;
end $$;

-- Takes the head lock, then reads all that a batch is decided on. Not one statement: a statement's snapshot
-- would predate the wait for the lock.
create function %service%_log.lock_and_read(
    p_streams uuid[], p_commands uuid[], p_scopes text[], p_keys bytea[], p_counters text[], p_sources text[])
returns table (kind smallint, ord int, n1 bigint, n2 bigint, id uuid, b1 bytea, b2 bytea)
language plpgsql volatile set search_path = %service%_log, pg_temp as $$
begin
    return query select 0::smallint, 0, h.pos, h.epoch::bigint, null::uuid, null::bytea, null::bytea from head h for update;
    if cardinality(p_streams) > 0 then
        return query select 1::smallint, u.ord::int, s.version, s.last_pos, null::uuid, s.hash, null::bytea
            from unnest(p_streams) with ordinality u(sid, ord) join stream s on s.stream_id = u.sid;
    end if;
    if cardinality(p_commands) > 0 then
        return query select 2::smallint, u.ord::int, c.first_pos, c.last_pos, null::uuid, c.request_hash, c.result
            from unnest(p_commands) with ordinality u(cid, ord) join command c on c.command_id = u.cid;
    end if;
    if cardinality(p_scopes) > 0 then
        return query select 3::smallint, u.ord::int, null::bigint, null::bigint, c.holder, null::bytea, null::bytea
            from unnest(p_scopes, p_keys) with ordinality u(s, k, ord) join claim c on c.scope = u.s and c.key = u.k;
    end if;
    if cardinality(p_counters) > 0 then
        return query select 4::smallint, u.ord::int, c.value, null::bigint, null::uuid, null::bytea, null::bytea
            from unnest(p_counters) with ordinality u(n, ord) join counter c on c.name = u.n;
    end if;
    if cardinality(p_sources) > 0 then
        return query select 5::smallint, u.ord::int, i.pos, i.epoch::bigint, null::uuid, null::bytea, null::bytea
            from unnest(p_sources) with ordinality u(n, ord) join inbox i on i.source = u.n;
    end if;
end $$;

-- Writes one decided batch.
create function %service%_log.write_batch(
    p_at bigint, p_head bigint,
    e_stream uuid[], e_version bigint[], e_id uuid[], e_type smallint[], e_actor uuid[], e_kind smallint[],
    e_behalf uuid[], e_channel smallint[], e_session uuid[], e_command uuid[], e_correlation uuid[], e_causation uuid[],
    e_trace text[], e_payload bytea[], e_key uuid[], e_prev bytea[], e_hash bytea[],
    s_id uuid[], s_category smallint[], s_version bigint[], s_first bigint[], s_last bigint[], s_hash bytea[],
    c_id uuid[], c_request bytea[], c_first bigint[], c_last bigint[], c_result bytea[],
    k_scope text[], k_key bytea[], k_holder uuid[], d_scope text[], d_key bytea[],
    n_name text[], n_value bigint[], i_source text[], i_epoch int[], i_pos bigint[])
returns void language plpgsql volatile set search_path = %service%_log, pg_temp as $$
declare
    moment timestamptz := timestamptz 'epoch' + p_at * interval '1 microsecond';
begin
    if cardinality(e_stream) > 0 then
        insert into event (pos, stream_id, stream_version, event_id, type_id, recorded_at, actor_id, actor_kind, on_behalf_of,
                           channel, session_id, command_id, correlation_id, causation_id, traceparent, payload, key_id, prev_hash, hash)
        select p_head + u.ord, u.a, u.b, u.c, u.d, moment, u.e, u.f, u.g, u.h, u.i, u.j, u.k, u.l, u.m, u.n, u.o, u.p, u.q
        from unnest(e_stream, e_version, e_id, e_type, e_actor, e_kind, e_behalf, e_channel, e_session, e_command, e_correlation,
                    e_causation, e_trace, e_payload, e_key, e_prev, e_hash)
             with ordinality u(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, ord);
        insert into stream (stream_id, category, version, first_pos, last_pos, hash)
        select * from unnest(s_id, s_category, s_version, s_first, s_last, s_hash)
        on conflict (stream_id) do update set version = excluded.version, last_pos = excluded.last_pos, hash = excluded.hash;
        update head set pos = p_head + cardinality(e_stream);
    end if;
    if cardinality(c_id) > 0 then
        insert into command (command_id, request_hash, first_pos, last_pos, result, at)
        select u.*, moment from unnest(c_id, c_request, c_first, c_last, c_result) u;
    end if;
    if cardinality(d_scope) > 0 then
        delete from claim c using unnest(d_scope, d_key) u(s, k) where c.scope = u.s and c.key = u.k;
    end if;
    if cardinality(k_scope) > 0 then
        insert into claim (scope, key, holder) select * from unnest(k_scope, k_key, k_holder)
        on conflict (scope, key) do update set holder = excluded.holder;
    end if;
    if cardinality(n_name) > 0 then
        insert into counter (name, value) select * from unnest(n_name, n_value)
        on conflict (name) do update set value = excluded.value;
    end if;
    if cardinality(i_source) > 0 then
        insert into inbox (source, epoch, pos) select * from unnest(i_source, i_epoch, i_pos)
        on conflict (source) do update set epoch = excluded.epoch, pos = excluded.pos;
    end if;
end $$;

-- Numbers of event types; new ones get a number.
create function %service%_log.type_ids(p_names text[]) returns table (id smallint, name text)
language plpgsql volatile set search_path = %service%_log, pg_temp as $$
#variable_conflict use_column
begin
    insert into type (name) select n from unnest(p_names) n where not exists (select from type t where t.name = n)
    on conflict (name) do nothing;
    return query select t.id, t.name from type t where t.name = any (p_names);
end $$;

-- A projection is rebuilt in a schema beside the live one: same table names, so the same SQL fills both.
create function %service%_log.begin_rebuild(p_tables text[]) returns void
language plpgsql security definer set search_path = pg_temp as $$
declare
    t text;
begin
    foreach t in array p_tables loop
        execute format('drop table if exists %service%_rebuild.%I', t);
        execute format('create table %service%_rebuild.%I (like %service%.%I including all)', t, t);
        execute format('grant select, insert, update, delete on %service%_rebuild.%I to portico_%service%', t);
    end loop;
end $$;

-- Puts rebuilt tables in the place of the live ones. Runs in the transaction that holds the head lock.
create function %service%_log.swap_rebuilt(p_tables text[]) returns void
language plpgsql security definer set search_path = pg_temp as $$
declare
    t text;
begin
    foreach t in array p_tables loop
        execute format('drop table %service%.%I', t);
        execute format('alter table %service%_rebuild.%I set schema %service%', t);
    end loop;
end $$;

-- A new epoch: the operator's way on after the bus and the log went apart.
create function %service%_log.begin_epoch() returns int
language sql security definer set search_path = %service%_log, pg_temp as $$
    update head set epoch = epoch + 1 returning epoch;
$$;

select %service%_log.maintain();

revoke execute on all functions in schema %service%_log from public;
grant usage on schema %service%_log, %service%, %service%_rebuild to portico_%service%;
grant select, update on %service%_log.head to portico_%service%;
grant select, insert, update on %service%_log.stream to portico_%service%;
grant select, insert on %service%_log.type to portico_%service%;
grant insert, select on %service%_log.event to portico_%service%;
grant select, insert, update, delete on %service%_log.claim to portico_%service%;
grant select, insert, update on %service%_log.counter to portico_%service%;
grant select, insert on %service%_log.command to portico_%service%;
grant select, insert, update on %service%_log.inbox to portico_%service%;
grant select, insert, update, delete on %service%_log.dead to portico_%service%;
grant select, insert, update on %service%_log.data_key to portico_%service%;
grant select, insert, update on %service%_log.rebuild to portico_%service%;
grant execute on function %service%_log.maintain() to portico_%service%;
grant execute on function %service%_log.lock_and_read(uuid[], uuid[], text[], bytea[], text[], text[]) to portico_%service%;
grant execute on function %service%_log.write_batch(bigint, bigint, uuid[], bigint[], uuid[], smallint[], uuid[], smallint[],
    uuid[], smallint[], uuid[], uuid[], uuid[], uuid[], text[], bytea[], uuid[], bytea[], bytea[],
    uuid[], smallint[], bigint[], bigint[], bigint[], bytea[], uuid[], bytea[], bigint[], bigint[], bytea[],
    text[], bytea[], uuid[], text[], bytea[], text[], bigint[], text[], int[], bigint[]) to portico_%service%;
grant execute on function %service%_log.type_ids(text[]) to portico_%service%;
grant execute on function %service%_log.begin_rebuild(text[]) to portico_%service%;
grant execute on function %service%_log.swap_rebuilt(text[]) to portico_%service%;
