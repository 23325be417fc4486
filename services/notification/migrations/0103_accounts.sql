-- Where the owner of an account is reached about that account: what identity says, apart from what records say, because
-- whoever may change a contact's record must not be able to have its security mail sent elsewhere. Personal.

set lock_timeout = '3s';

alter table %service%.recipients add column account_login text not null default '';
alter table %service%.recipients add column account_email text not null default '';

update %service%.recipients
set account_email = case when kind = 'agent' then email when login_email <> '' then login_email else access_email end;
