-- Why a message went to the operator's own address instead of its recipient; empty when it did not.
-- %service% is replaced by the service's name.
--
-- The table `subjects` is not written any more: whom a record concerns is asked of records when something happens. It
-- stays for the programs of before.

set lock_timeout = '3s';

alter table %service%.deliveries_v1 add column redirected text not null default '';
