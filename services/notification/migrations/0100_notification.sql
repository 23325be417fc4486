-- What notification shows and what it has to know. Run as the owner; %service% is the service's name.

-- The delivery log as agents see it; filled from this service's own events only.
create table %service%.deliveries_v1 (
    id             uuid        primary key,
    version        bigint      not null,
    template       text        not null,
    recipient_id   uuid        not null,
    recipient      text        not null,
    subject_id     text        not null,
    subject_module text        not null,
    state          text        not null,
    attempts       int         not null,
    error          text        not null,
    message_id     text        not null,
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    -- When the next attempt may begin; null when none is wanted.
    due_at         timestamptz
);
create index on %service%.deliveries_v1 (created_at desc, id desc);
create index on %service%.deliveries_v1 (state, created_at desc, id desc);
create index on %service%.deliveries_v1 (due_at) where due_at is not null;

-- Who gets mail: agents as identity knows them; contacts as records and identity know them, each in columns of its own,
-- because the two logs are heard in no common order.
create table %service%.recipients (
    id                uuid        primary key,
    -- 'agent' or 'contact'.
    kind              text        not null,
    -- From the contact's record; from the agent's account the whole name stands in first_name.
    first_name        text        not null default '',
    last_name         text        not null default '',
    email             text        not null default '',
    opted_out         boolean     not null default false,
    -- From the contact's portal access.
    access_name       text        not null default '',
    access_email      text        not null default '',
    locale            text        not null default '',
    -- Whether the contact may use the portal; null when identity never said anything.
    access            boolean,
    -- When the last mail about a lock was queued.
    lock_told_at      timestamptz
);

-- What is needed of each module to know whom a record concerns and what to call it.
create table %service%.modules (
    name          text  primary key,
    contact_field text  not null,
    title_field   text  not null,
    -- Language → the name of one record.
    singular      jsonb not null
);

-- Whom each record concerns.
create table %service%.subjects (
    record_id  uuid primary key,
    module     text not null,
    contact_id uuid,
    owner_id   uuid
);

-- Which process is busy with which delivery; a lease that is not renewed ends by itself.
create table %service%.sending_leases (
    delivery_id uuid        primary key,
    holder      uuid        not null,
    until       timestamptz not null
);
create index on %service%.sending_leases (holder);

grant select, insert, update, delete on
    %service%.deliveries_v1, %service%.recipients, %service%.modules, %service%.subjects, %service%.sending_leases
    to portico_%service%;
