-- Identity's own tables. Two kinds:
--   sources of truth that are not in the log: credential, attempt, session, revocation, invitation, signing_key, contact_name;
--   read models that a rebuild makes anew: accounts_v1.
-- Columns marked personal hold names or addresses and are emptied when a person is erased.

-- One password per account, sealed under a key that is not in the database.
create table %service%.credential (
    user_id       uuid        primary key,
    credential_id uuid        not null,
    version       bigint      not null,
    key_number    smallint    not null,
    sealed        bytea       not null,
    set_at        timestamptz not null
);

-- Failed logins, by a keyed hash of the login: known and unknown logins look the same here.
create table %service%.attempt (
    subject_key  bytea       not null,
    kind         smallint    not null,
    user_id      uuid,
    failures     int         not null,
    consecutive  int         not null,
    ladder_step  int         not null,
    locked_at    timestamptz,
    locked_until timestamptz,
    held         boolean     not null,
    last_at      timestamptz not null,
    networks     text[]      not null,
    primary key (subject_key, kind)
) with (fillfactor = 80);
create index attempt_user on %service%.attempt (user_id) where user_id is not null;
create index attempt_locked on %service%.attempt (locked_at desc, user_id) where locked_at is not null;
create index attempt_last on %service%.attempt (last_at);

-- Live sessions. A session that is not here does not exist.
create table %service%.session (
    session_id     uuid        primary key,
    token_hash     bytea       not null unique,
    user_id        uuid        not null,
    kind           smallint    not null,
    created_at     timestamptz not null,
    last_seen_at   timestamptz not null,
    idle_seconds   int         not null,
    absolute_until timestamptz not null,
    expires_at     timestamptz not null,
    network        text        not null,
    browser        text        not null
) with (fillfactor = 80);
create index session_by_user on %service%.session (user_id);
create index session_expires on %service%.session (expires_at);

-- Sessions that ended before their time, for gateways that missed the event. Kept for a day.
create table %service%.revocation (
    session_id uuid        primary key,
    position   bigint      not null,
    at         timestamptz not null default now()
);
create index revocation_position on %service%.revocation (position);
create index revocation_at on %service%.revocation (at);

-- Up to which position revocations were deleted: who asks from before it may have missed some.
create table %service%.revocation_floor (
    one      boolean primary key default true check (one),
    position bigint  not null
);
insert into %service%.revocation_floor (position) values (0);

-- The open invitation of an account. The token comes when the mail is sent.
create table %service%.invitation (
    user_id       uuid        primary key,
    invitation_id uuid        not null unique,
    token_hash    bytea       unique,
    expires_at    timestamptz not null
);
create index invitation_expires on %service%.invitation (expires_at);

-- Keys that sign actor tokens.
create table %service%.signing_key (
    kid         text        primary key,
    public_key  bytea       not null,
    sealed      bytea       not null,
    active_from timestamptz not null
);

-- First and last names of contacts as the records service has them. Personal.
create table %service%.contact_name (
    contact_id uuid primary key,
    first_name text not null,
    last_name  text not null
);

-- Accounts as logins, lists and sessions need them. login, login_key, name and email are personal.
create table %service%.accounts_v1 (
    user_id            uuid        primary key,
    kind               smallint    not null,
    enabled            boolean     not null,
    login              text        not null,
    login_key          text,
    name               text        not null,
    email              text        not null,
    role               text        not null,
    locale             text        not null,
    support_start      text        not null,
    support_end        text        not null,
    has_password       boolean     not null,
    invitation_expires timestamptz,
    last_login         timestamptz,
    version            bigint      not null
);
create index accounts_v1_login on %service%.accounts_v1 (login_key) where login_key is not null;

grant select, insert, update, delete on
    %service%.credential, %service%.attempt, %service%.session, %service%.revocation, %service%.invitation,
    %service%.signing_key, %service%.contact_name, %service%.accounts_v1
    to portico_%service%;
grant select, update on %service%.revocation_floor to portico_%service%;
