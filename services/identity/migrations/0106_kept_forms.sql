-- Why sessions ended, and what was typed into forms that could not be taken. Neither is in the log.

set lock_timeout = '3s';

-- The tokens of sessions that have ended, so that whoever comes back with one is told why. Kept for a day. The reason is the
-- one of the timeline (activity_v1); only whether it was inactivity is seen in the row that goes.
create table %service%.ended_session (
    token_hash bytea       primary key,
    session_id uuid        not null,
    user_id    uuid        not null,
    idle       boolean     not null,
    at         timestamptz not null default now()
);
create index ended_session_at on %service%.ended_session (at);

-- By a trigger, because sessions end in many places and none may be forgotten. A login that never was complete is not told.
create function %service%.note_ended_session() returns trigger
language plpgsql set search_path = %service%, pg_temp as $$
begin
    if old.stage = 0 then
        insert into ended_session (token_hash, session_id, user_id, idle)
        values (old.token_hash, old.session_id, old.user_id,
                old.last_seen_at + old.idle_seconds * interval '1 second' <= least(clock_timestamp(), old.expires_at))
        on conflict (token_hash) do nothing;
    end if;
    return null;
end $$;
create trigger session_ended after delete on %service%.session for each row
    execute function %service%.note_ended_session();

-- What somebody typed into a form while the session had ended, or before a proof: sealed by the gateway under a key that
-- only the browser has the missing half of.
create table %service%.kept_form (
    key_hash   bytea       primary key,
    owner      bytea       not null,
    sealed     bytea       not null,
    expires_at timestamptz not null
);
create index kept_form_owner on %service%.kept_form (owner, expires_at);
create index kept_form_expires on %service%.kept_form (expires_at);

grant select, insert, update, delete on %service%.ended_session, %service%.kept_form to portico_%service%;
