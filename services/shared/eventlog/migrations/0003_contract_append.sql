-- The two calls of every append, without what made them dear: a search path of their own (13 % of their processor time; the
-- names are qualified now) and the check of each event's type against a table that nothing is ever removed from (7 %).
-- A version that still runs beside this one calls the same functions.
-- Taken away in the version that stops needing it: nothing reads a constraint.

alter table %service%_log.event drop constraint event_type_id_fkey;

create or replace function %service%_log.lock_and_read(
    p_streams uuid[], p_commands uuid[], p_scopes text[], p_keys bytea[], p_counters text[], p_sources text[])
returns table (kind smallint, ord int, n1 bigint, n2 bigint, id uuid, b1 bytea, b2 bytea)
language plpgsql volatile as $$
begin
    return query select 0::smallint, 0, h.pos, h.epoch::bigint, null::uuid, null::bytea, null::bytea from %service%_log.head h for update;
    if cardinality(p_streams) > 0 then
        return query select 1::smallint, u.ord::int, s.version, s.last_pos, null::uuid, s.hash, null::bytea
            from unnest(p_streams) with ordinality u(sid, ord) join %service%_log.stream s on s.stream_id = u.sid;
    end if;
    if cardinality(p_commands) > 0 then
        return query select 2::smallint, u.ord::int, c.first_pos, c.last_pos, null::uuid, c.request_hash, c.result
            from unnest(p_commands) with ordinality u(cid, ord) join %service%_log.command c on c.command_id = u.cid;
    end if;
    if cardinality(p_scopes) > 0 then
        return query select 3::smallint, u.ord::int, null::bigint, null::bigint, c.holder, null::bytea, null::bytea
            from unnest(p_scopes, p_keys) with ordinality u(s, k, ord) join %service%_log.claim c on c.scope = u.s and c.key = u.k;
    end if;
    if cardinality(p_counters) > 0 then
        return query select 4::smallint, u.ord::int, c.value, null::bigint, null::uuid, null::bytea, null::bytea
            from unnest(p_counters) with ordinality u(n, ord) join %service%_log.counter c on c.name = u.n;
    end if;
    if cardinality(p_sources) > 0 then
        return query select 5::smallint, u.ord::int, i.pos, i.epoch::bigint, null::uuid, null::bytea, null::bytea
            from unnest(p_sources) with ordinality u(n, ord) join %service%_log.inbox i on i.source = u.n;
    end if;
end $$;

create or replace function %service%_log.write_batch(
    p_at bigint, p_head bigint,
    e_stream uuid[], e_version bigint[], e_id uuid[], e_type smallint[], e_actor uuid[], e_kind smallint[],
    e_behalf uuid[], e_channel smallint[], e_session uuid[], e_command uuid[], e_correlation uuid[], e_causation uuid[],
    e_trace text[], e_payload bytea[], e_key uuid[], e_prev bytea[], e_hash bytea[],
    s_id uuid[], s_category smallint[], s_version bigint[], s_first bigint[], s_last bigint[], s_hash bytea[],
    c_id uuid[], c_request bytea[], c_first bigint[], c_last bigint[], c_result bytea[],
    k_scope text[], k_key bytea[], k_holder uuid[], d_scope text[], d_key bytea[],
    n_name text[], n_value bigint[], i_source text[], i_epoch int[], i_pos bigint[])
returns void language plpgsql volatile as $$
declare
    moment timestamptz := timestamptz 'epoch' + p_at * interval '1 microsecond';
begin
    if cardinality(e_stream) > 0 then
        insert into %service%_log.event (pos, stream_id, stream_version, event_id, type_id, recorded_at, actor_id, actor_kind, on_behalf_of,
                           channel, session_id, command_id, correlation_id, causation_id, traceparent, payload, key_id, prev_hash, hash)
        select p_head + u.ord, u.a, u.b, u.c, u.d, moment, u.e, u.f, u.g, u.h, u.i, u.j, u.k, u.l, u.m, u.n, u.o, u.p, u.q
        from unnest(e_stream, e_version, e_id, e_type, e_actor, e_kind, e_behalf, e_channel, e_session, e_command, e_correlation,
                    e_causation, e_trace, e_payload, e_key, e_prev, e_hash)
             with ordinality u(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, ord);
        insert into %service%_log.stream (stream_id, category, version, first_pos, last_pos, hash)
        select * from unnest(s_id, s_category, s_version, s_first, s_last, s_hash)
        on conflict (stream_id) do update set version = excluded.version, last_pos = excluded.last_pos, hash = excluded.hash;
        update %service%_log.head set pos = p_head + cardinality(e_stream);
    end if;
    if cardinality(c_id) > 0 then
        insert into %service%_log.command (command_id, request_hash, first_pos, last_pos, result, at)
        select u.*, moment from unnest(c_id, c_request, c_first, c_last, c_result) u;
    end if;
    if cardinality(d_scope) > 0 then
        delete from %service%_log.claim c using unnest(d_scope, d_key) u(s, k) where c.scope = u.s and c.key = u.k;
    end if;
    if cardinality(k_scope) > 0 then
        insert into %service%_log.claim (scope, key, holder) select * from unnest(k_scope, k_key, k_holder)
        on conflict (scope, key) do update set holder = excluded.holder;
    end if;
    if cardinality(n_name) > 0 then
        insert into %service%_log.counter (name, value) select * from unnest(n_name, n_value)
        on conflict (name) do update set value = excluded.value;
    end if;
    if cardinality(i_source) > 0 then
        insert into %service%_log.inbox (source, epoch, pos) select * from unnest(i_source, i_epoch, i_pos)
        on conflict (source) do update set epoch = excluded.epoch, pos = excluded.pos;
    end if;
end $$;
