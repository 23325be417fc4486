-- The run-time roles. Each service connects as its own and owns nothing; `portico migrate`, as the owner of the database,
-- grants them what they need. For a server of your own: psql -v identity_password=… (and so on) -f postgres-roles.sql,
-- as a superuser, connected to the database.
create role portico_identity login password :'identity_password';
create role portico_permissions login password :'permissions_password';
create role portico_records login password :'records_password';
create role portico_notification login password :'notification_password';

-- Owns the tables of modules: records acts as it to give them columns and indexes while they are used, and the owner of the
-- database makes and moves them. Nobody logs in as it.
create role portico_records_tables nologin;
grant portico_records_tables to portico_records with inherit false, set true;
select pg_get_userbyid(datdba) as owner from pg_database where datname = current_database() \gset
grant portico_records_tables to :"owner" with inherit true, set true;

select current_database() as database \gset
revoke all on database :"database" from public;
revoke all on schema public from public;
grant connect on database :"database" to portico_identity, portico_permissions, portico_records, portico_notification;
