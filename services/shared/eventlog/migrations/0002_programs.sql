-- What stands beside the log for the bus: which foreign programs may hear its events, and how far it was published.

-- A program of other people: one durable pull consumer on this log's stream. The stream may be lost; what was granted not.
create table %service%_log.program (
    name         text        primary key,
    subjects     text[]      not null check (cardinality(subjects) > 0),
    in_flight    int         not null check (in_flight between 1 and 256),
    ack_seconds  int         not null check (ack_seconds between 1 and 3600),
    granted_at   timestamptz not null default now()
);

-- The last position known to be on the bus, so that what waits can be counted while the bus is away. At most a second old
-- while the relay works; no position of the relay's own, which always asks the stream.
create table %service%_log.published (
    one boolean     primary key default true check (one),
    pos bigint      not null,
    at  timestamptz not null default now()
);
insert into %service%_log.published (pos) values (0);

grant select, insert, update, delete on %service%_log.program to portico_%service%;
grant select, update on %service%_log.published to portico_%service%;
