-- What a login is asked again at each later step, and from where logins were tried.

set lock_timeout = '3s';

-- Under which budget of guesses the login came in: 1 the login's own, 3 a known browser's, 4 a trusted network's; null for
-- logins that began without a password, and for those from before this was kept. A lock of that budget ends the login.
alter table %service%.session add column guess smallint;
alter table %service%.session add column guess_key bytea;

-- Network → {"n": attempts, "first": microseconds, "last": microseconds}; at most 20, the oldest gives way.
alter table %service%.attempt add column sources jsonb not null default '{}';
