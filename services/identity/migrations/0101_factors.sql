-- Stages of a login, second factors, links that come by mail, logins trusted for a day.
-- All but the columns of accounts_v1 are sources of truth that are not in the log.

set lock_timeout = '3s';

-- A session whose stage is not complete (0) waits for: 1 a second factor, 2 setting one up, 3 another password,
-- 4 agreement to the terms of use.
alter table %service%.session add column stage smallint not null default 0;
-- 0 a link, 1 a password, 2 with a second factor.
alter table %service%.session add column assurance smallint not null default 1;
-- When the person last proved who they are; null for whoever came by a link.
alter table %service%.session add column auth_at timestamptz;
alter table %service%.session add column method text not null default 'password';
-- The agent who opened the portal as this user.
alter table %service%.session add column agent_id uuid;
alter table %service%.session add column read_only boolean not null default false;

-- A password that must be changed at first use, and until when it works.
alter table %service%.credential add column one_time_until timestamptz;
-- Shorter than what is asked of those without a second factor.
alter table %service%.credential add column short boolean not null default false;

-- Authenticator apps. last_counter is the last time step whose code was used.
create table %service%.totp (
    user_id      uuid        primary key,
    sealed       bytea       not null,
    last_counter bigint      not null,
    created_at   timestamptz not null
);

-- Secrets that were shown and not confirmed yet.
create table %service%.totp_enrolment (
    user_id    uuid        primary key,
    sealed     bytea       not null,
    expires_at timestamptz not null
);

create table %service%.recovery_code (
    code_hash bytea primary key,
    user_id   uuid  not null
);
create index recovery_code_user on %service%.recovery_code (user_id);

-- Passkeys; name is personal.
create table %service%.passkey (
    passkey_id    uuid        primary key,
    user_id       uuid        not null,
    credential_id bytea       not null unique,
    name          text        not null,
    stored        jsonb       not null,
    created_at    timestamptz not null,
    last_used_at  timestamptz
);
create index passkey_user on %service%.passkey (user_id);

-- WebAuthn ceremonies under way: the challenge stays here, is used once, and dies after five minutes.
create table %service%.ceremony (
    ceremony_id uuid        primary key,
    purpose     smallint    not null,
    user_id     uuid,
    session_id  uuid,
    sealed      bytea       not null,
    expires_at  timestamptz not null
);
create index ceremony_expires on %service%.ceremony (expires_at);

-- Links to reset a password or to confirm another login: one of each kind per user. The token comes when the mail is
-- sent. email (the new login) is personal.
create table %service%.one_time_link (
    user_id    uuid        not null,
    purpose    smallint    not null,
    request_id uuid        not null unique,
    token_hash bytea       unique,
    kind       smallint    not null,
    email      text        not null,
    expires_at timestamptz not null,
    primary key (user_id, purpose)
);
create index one_time_link_expires on %service%.one_time_link (expires_at);

-- Attempts on known accounts that a lock answered, until an event tells how many: at most one in ten minutes.
create table %service%.blocked_attempt (
    user_id  uuid        primary key,
    count    int         not null,
    told_at  timestamptz not null
);
create index blocked_attempt_untold on %service%.blocked_attempt (told_at) where count > 0;

-- Which session of an agent shows the portal as a contact: one per agent.
create table %service%.support_session (
    agent_id   uuid primary key,
    session_id uuid not null
);

-- When links to reset a password were asked for: three an hour per user.
create table %service%.reset_request (
    user_id uuid        not null,
    at      timestamptz not null
);
create index reset_request_user on %service%.reset_request (user_id, at);
create index reset_request_at on %service%.reset_request (at);

-- Logins that are trusted from a network for a day: exempt from the lock.
create table %service%.trust (
    trust_id    uuid        primary key,
    subject_key bytea       not null,
    user_id     uuid        not null,
    network     text        not null,
    until       timestamptz not null,
    unique (subject_key, network)
);
create index trust_user on %service%.trust (user_id);
create index trust_until on %service%.trust (until);

alter table %service%.accounts_v1 add column suspended boolean not null default false;
alter table %service%.accounts_v1 add column mfa_required boolean not null default false;
alter table %service%.accounts_v1 add column totp boolean not null default false;
alter table %service%.accounts_v1 add column passkeys int not null default 0;
alter table %service%.accounts_v1 add column terms_version int not null default 0;
alter table %service%.accounts_v1 add column service boolean not null default false;
-- A login that waits for its confirmation; personal.
alter table %service%.accounts_v1 add column pending_email text not null default '';
alter table %service%.accounts_v1 add column company_id uuid;

grant select, insert, update, delete on
    %service%.totp, %service%.totp_enrolment, %service%.recovery_code, %service%.passkey, %service%.ceremony,
    %service%.one_time_link, %service%.reset_request, %service%.trust, %service%.blocked_attempt,
    %service%.support_session
    to portico_%service%;
