"""Tests of scripts/lint-migrations."""

import importlib.machinery
import importlib.util
import pathlib
import unittest

PATH = str(pathlib.Path(__file__).resolve().parent.parent / "lint-migrations")
LOADER = importlib.machinery.SourceFileLoader("lint_migrations", PATH)
linter = importlib.util.module_from_spec(importlib.util.spec_from_loader("lint_migrations", LOADER))
LOADER.exec_module(linter)

TIMEOUT = "set lock_timeout = '3s';\n"


class LintMigrations(unittest.TestCase):
    def assert_refused(self, sql, part):
        sentences = [sentence for _, sentence in linter.lint(TIMEOUT + sql)]
        self.assertTrue(any(part in sentence for sentence in sentences), (sql, sentences))

    def test_what_takes_something_away_is_refused(self):
        for sql, part in [
            ("drop table records.ticket_v1;", "drops"),
            ("alter table a.b drop column c;", "drops"),
            ("alter table a.b drop constraint c;", "drops"),
            ("alter table a.b rename column c to d;", "renames"),
            ("alter table a.b rename to d;", "renames"),
            ("alter table a.b alter column c type bigint;", "type"),
            ("alter table a.b alter c set data type bigint;", "type"),
            ("alter table a.b alter column c set not null;", "mandatory"),
            ("alter table a.b add column c int not null;", "mandatory"),
            ("alter table a.b add column c text not null, add column d int default 1;", "mandatory"),
            ("truncate a.b;", "deletes"),
            ("revoke select on a.b from c;", "right"),
            ("alter table a.b add constraint c check (d > 0);", "NOT VALID"),
            ("alter table a.b add foreign key (c) references d;", "NOT VALID"),
            ("alter table a.b add constraint c unique (d);", "index"),
            ("create index on a.b (c);", "CONCURRENTLY"),
            ("create unique index x on a.b (c);", "CONCURRENTLY"),
            ("create index concurrently x on a.b (c);", "no-transaction"),
        ]:
            with self.subTest(sql):
                self.assert_refused(sql, part)

    def test_additions_are_allowed(self):
        for sql in [
            "create table a.b (c int not null, primary key (c)); create index on a.b (c);",
            "create table a.b (c int); alter table a.b add constraint x check (c > 0);",
            "alter table a.b add column c int;",
            "alter table a.b add column c int not null default 0;",
            "alter table a.b add column c int default 0 not null, add column d text;",
            "alter table a.b add constraint c check (d > 0) not valid;",
            "alter table a.b add constraint c unique using index x;",
            "grant select on a.b to c;",
            "create function a.f() returns void language plpgsql as $$ begin drop table x; end $$;",
            "create function a.f() returns int language sql as $$ select 1 $$; revoke all on function a.f() from public;",
            "create table a.b (c int); create trigger x before truncate on a.b execute function a.f();",
            "-- drop table a.b\ninsert into a.b values ('rename; drop table x');",
        ]:
            with self.subTest(sql):
                self.assertEqual(linter.lint(TIMEOUT + sql), [])

    def test_a_concurrent_index_is_allowed_outside_a_transaction(self):
        sql = "-- no-transaction\n" + TIMEOUT + "create index concurrently if not exists x on a.b (c);"
        self.assertEqual(linter.lint(sql), [])

    def test_altering_an_existing_table_needs_a_lock_timeout(self):
        self.assertTrue(linter.lint("alter table a.b add column c int;"))

    def test_the_line_of_the_fault_is_named(self):
        self.assertEqual(linter.lint("select 1;\n\n\ndrop table x;\n")[0][0], 4)


if __name__ == "__main__":
    unittest.main()
