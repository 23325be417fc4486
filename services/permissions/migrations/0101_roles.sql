-- Own roles, groups and disabled agents, as identity tells of them. %service% is replaced by the service's name.

set lock_timeout = '3s';

alter table %service%.known_agents add column disabled boolean not null default false;

create table %service%.known_roles (
    role_id text   primary key,
    -- "write", "read"; everything else grants nothing.
    records text   not null,
    rights  text[] not null
);

create table %service%.known_groups (
    group_id   uuid   primary key,
    member_ids uuid[] not null
);
create index on %service%.known_groups using gin (member_ids);

grant select, insert, update, delete on %service%.known_roles, %service%.known_groups to portico_%service%;
