-- Where somebody signs in can move away from what the record says; of two addresses the one that was told last counts.
-- Personal, like the other addresses. %service% is replaced by the service's name.

set lock_timeout = '3s';

alter table %service%.recipients add column email_at timestamptz;
alter table %service%.recipients add column login_email text not null default '';
alter table %service%.recipients add column login_email_at timestamptz;
