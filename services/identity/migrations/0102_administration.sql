-- What agents and administrators do with identity: settings, roles, groups, tokens of programs, activity, bulk access,
-- secure links of companies. Two kinds of tables:
--   sources of truth that are not in the log: api_token, company_link, bulk_job, bulk_row, contact_known, contact_activity;
--   read models that a rebuild makes anew: settings_v1, roles_v1, groups_v1, activity_v1.
-- Columns marked personal hold names, addresses or free text about a person and are emptied when a person is erased.

-- The security settings in force: no row until somebody changes them.
create table %service%.settings_v1 (
    one           boolean primary key default true check (one),
    document      text    not null,
    terms_version int     not null,
    version       bigint  not null
);

-- Own roles of agents.
create table %service%.roles_v1 (
    role_id     uuid   primary key,
    name        text   not null,
    description text   not null,
    records     text   not null,
    rights      text[] not null,
    version     bigint not null
);

-- Groups of agents.
create table %service%.groups_v1 (
    group_id    uuid   primary key,
    name        text   not null,
    description text   not null,
    member_ids  uuid[] not null,
    version     bigint not null
);

-- Live tokens of programs, by their hash. A token that is not here does not exist.
create table %service%.api_token (
    token_id     uuid        primary key,
    user_id      uuid        not null,
    token_hash   bytea       not null unique,
    hint         text        not null,
    name         text        not null,
    scopes       text[]      not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    last_used_at timestamptz
) with (fillfactor = 80);
create index api_token_user on %service%.api_token (user_id);
create index api_token_expires on %service%.api_token (expires_at);

-- What happened around accounts. note is personal.
create table %service%.activity_v1 (
    position   bigint      primary key,
    user_id    uuid        not null,
    at         timestamptz not null,
    type       text        not null,
    touchpoint text        not null,
    network    text        not null,
    browser    text        not null,
    session_id uuid,
    actor_id   uuid,
    note       text        not null,
    facts      jsonb       not null
);
create index activity_v1_user on %service%.activity_v1 (user_id, at desc, position desc);
create index activity_v1_at on %service%.activity_v1 (at);

-- What contacts did with records, by the position in the records service's log. No texts.
create table %service%.contact_activity (
    position   bigint      primary key,
    user_id    uuid        not null,
    at         timestamptz not null,
    type       text        not null,
    session_id uuid,
    actor_id   uuid,
    module     text        not null,
    record_id  uuid        not null
);
create index contact_activity_user on %service%.contact_activity (user_id, at desc, position desc);
create index contact_activity_at on %service%.contact_activity (at);

-- Contacts as the records service has them. email is personal. deletion is the position in the records service's log at
-- which deleted was last decided: two consumers write it, and the older one must not win.
create table %service%.contact_known (
    contact_id uuid    primary key,
    email      text    not null default '',
    company_id uuid,
    deleted    boolean not null default false,
    deletion   bigint  not null default 0
);
create index contact_known_company on %service%.contact_known (company_id) where company_id is not null;

-- Giving access to many contacts.
create table %service%.bulk_job (
    job_id        uuid        primary key,
    state         text        not null check (state in ('running', 'finished', 'cancelled')),
    contacts      int         not null,
    enabled       int         not null default 0,
    skipped       int         not null default 0,
    support_start text        not null,
    support_end   text        not null,
    profile_id    text        not null,
    mfa_required  boolean     not null,
    invite        boolean     not null,
    locale        text        not null,
    channel       smallint    not null,
    started_by    uuid        not null,
    started_at    timestamptz not null,
    finished_at   timestamptz,
    lease_by      uuid,
    lease_until   timestamptz
) with (fillfactor = 80);
create index bulk_job_running on %service%.bulk_job (started_at) where state = 'running';
create index bulk_job_started on %service%.bulk_job (started_at desc, job_id desc);

-- One contact of a job. name and email are personal.
create table %service%.bulk_row (
    job_id     uuid not null,
    number     int  not null,
    contact_id uuid not null,
    name       text not null default '',
    email      text not null default '',
    state      text not null check (state in ('waiting', 'enabled', 'enabled_not_invited', 'skipped')),
    reason     text not null default '',
    primary key (job_id, number)
) with (fillfactor = 70);
create index bulk_row_state on %service%.bulk_row (job_id, state, number);

-- The open secure link of a company, by its hash.
create table %service%.company_link (
    company_id   uuid        primary key,
    link_id      uuid        not null,
    token_hash   bytea       not null unique,
    issued_at    timestamptz not null,
    expires_at   timestamptz not null,
    last_used_at timestamptz
);

grant select, insert, update, delete on
    %service%.settings_v1, %service%.roles_v1, %service%.groups_v1, %service%.api_token, %service%.activity_v1,
    %service%.contact_activity, %service%.contact_known, %service%.bulk_job, %service%.bulk_row, %service%.company_link
    to portico_%service%;
