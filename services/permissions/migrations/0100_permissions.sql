-- What permissions keeps beside its log. %service% is replaced by the service's name.

-- Read model: profiles with their draft and what is in force.
create table %service%.profiles_v1 (
    profile_id            uuid        primary key,
    draft_name            text        not null,
    draft_description     text        not null,
    draft                 text        not null,
    published_name        text,
    published_description text,
    published             text,
    published_number      int         not null default 0,
    is_default            boolean     not null default false,
    version               bigint      not null,
    created_at            timestamptz not null,
    modified_at           timestamptz not null
);

-- Read model: contacts that were given a profile by hand.
create table %service%.contact_profile_v1 (
    contact_id uuid primary key,
    profile_id uuid not null
);

-- Known from the records service: its modules, and what match conditions may ask of contacts and companies.
-- Personal values are not kept.
create table %service%.known_modules (
    name       text  primary key,
    definition jsonb not null
);

create table %service%.known_contacts (
    contact_id uuid    primary key,
    number     bigint  not null,
    company_id uuid,
    fields     jsonb   not null,
    deleted    boolean not null default false
);
create index on %service%.known_contacts (company_id);

create table %service%.known_companies (
    company_id uuid    primary key,
    number     bigint  not null,
    fields     jsonb   not null,
    deleted    boolean not null default false
);

-- Known from the identity service.
create table %service%.known_agents (
    agent_id uuid primary key,
    role     text not null
);

-- The policy position: one row, moved in every append that changes somebody's plan, whether by an event of this log or by
-- something learned from another. `configuration` is the position of the last change that touched everybody;
-- `floor` is the position up to which changes may no longer be listed.
create table %service%.plan_state (
    one           boolean primary key default true check (one),
    position      bigint  not null,
    configuration bigint  not null,
    floor         bigint  not null
);
insert into %service%.plan_state (position, configuration, floor) values (0, 0, 0);

-- Whose plan changed at which policy position; no subject means everybody's. Only the last rows are kept.
create table %service%.plan_change (
    seq        bigint generated always as identity primary key,
    position   bigint not null,
    subject_id uuid
);
create index on %service%.plan_change (position);

-- Moves the policy position and notes whose plans it touched: at most a thousand subjects by name, more as everybody.
-- Called under the lock of the log's head, so positions are in the order of commit.
create function %service%.touch_plans(p_subjects uuid[], p_all boolean) returns bigint
language plpgsql volatile set search_path = %service%, pg_temp as $$
declare
    everybody constant boolean := p_all or cardinality(p_subjects) >= 1000;
    kept      constant bigint := 10000;
    moved     bigint;
    dropped   bigint;
begin
    if not everybody and cardinality(p_subjects) = 0 then
        return (select position from plan_state);
    end if;
    update plan_state
    set position = position + 1, configuration = case when p_all then position + 1 else configuration end
    returning position into moved;
    if everybody then
        insert into plan_change (position, subject_id) values (moved, null);
    else
        insert into plan_change (position, subject_id) select moved, u.id from unnest(p_subjects) u(id);
    end if;
    with gone as (
        delete from plan_change where seq <= (select max(seq) from plan_change) - kept returning position
    )
    select max(position) into dropped from gone;
    if dropped is not null then
        update plan_state set floor = greatest(floor, dropped);
    end if;
    return moved;
end $$;
revoke execute on function %service%.touch_plans(uuid[], boolean) from public;

grant select, insert, update, delete on %service%.profiles_v1 to portico_%service%;
grant select, insert, update, delete on %service%.contact_profile_v1 to portico_%service%;
grant select, insert, update, delete on %service%.known_modules to portico_%service%;
grant select, insert, update, delete on %service%.known_contacts to portico_%service%;
grant select, insert, update, delete on %service%.known_companies to portico_%service%;
grant select, insert, update, delete on %service%.known_agents to portico_%service%;
grant select, update on %service%.plan_state to portico_%service%;
grant select, insert, delete on %service%.plan_change to portico_%service%;
grant execute on function %service%.touch_plans(uuid[], boolean) to portico_%service%;
