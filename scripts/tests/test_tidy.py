"""Tests of scripts/tidy."""

import importlib.machinery
import importlib.util
import pathlib
import unittest

PATH = str(pathlib.Path(__file__).resolve().parent.parent / "tidy")
LOADER = importlib.machinery.SourceFileLoader("tidy", PATH)
tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", LOADER))
LOADER.exec_module(tidy)

DOMAIN = "services/identity/src/domain/account.rs"


class Tidy(unittest.TestCase):
    def faults(self, check, path, text):
        tidy.faults.clear()
        check(pathlib.PurePosixPath(path), text)
        return list(tidy.faults)

    def test_what_rust_sources_must_not_hold_is_found(self):
        for path, text in [
            ("services/records/src/long.rs", "//\n" * 601),
            ("services/records/src/domain/mod.rs", ""),
            ("services/records/src/a.rs", "fn f() { todo" + "!() }"),
            ("services/records/tests/it/a.rs", "#[ignore" + "]\nfn f() {}"),
            ("services/records/src/a.rs", "struct SessionManager;"),
            ("services/records/src/a.rs", "mod utils;"),
            (DOMAIN, "use sqlx::PgPool;"),
            (DOMAIN, "async fn f() {}"),
            (DOMAIN, "let id = Uuid::now_v7();"),
            ("services/shared/policy/src/plan.rs", "use tokio::sync::Mutex;"),
        ]:
            with self.subTest(path=path, text=text[:40]):
                self.assertEqual(len(self.faults(tidy.rust, path, text)), 1)

    def test_ordinary_sources_pass(self):
        for path, text in [
            ("services/records/tests/it/long.rs", "//\n" * 900),
            ("services/records/src/a.rs", "use tokio::sync::Mutex;\nasync fn f() {}\nstruct Community;"),
            (DOMAIN, "struct Account { asynchronous: bool }\n// no async here\n"),
        ]:
            with self.subTest(path=path, text=text[:40]):
                self.assertEqual(self.faults(tidy.rust, path, text), [])

    def test_a_test_that_sleeps_or_waits_without_a_bound_is_found(self):
        sleep = "tokio::time::" + "sleep(Duration::from_millis(5)).await;"
        test = "services/records/tests/it/a.rs"
        for path, text, count in [
            (test, sleep, 1),
            ("services/records/src/domain/tests.rs", "std::thread::" + "sleep(LONG);", 1),
            (test, "while portal.count(sql).await < 10 {}", 1),
            (test, "loop {\n}", 1),
            (test, "while let Some(row) = rows.next().await { seen.push(row); }", 0),
            (test, f"// {sleep}\nlet script = \"sleep(1)\";", 0),
            (test, f"async fn eventually() {{ loop {{ {sleep} }} }}\nfn other() {{ {sleep} }}", 1),
            ("services/records/src/work.rs", sleep, 0),
            ("tests/load/src/work.rs", sleep * 3, 0),
            ("tests/faults/tests/it/crashes.rs", sleep * 2, 1),
        ]:
            with self.subTest(path=path, text=text):
                self.assertEqual(len(self.faults(tidy.waits, path, text)), count)

    def test_tests_that_are_left_out_and_addresses_of_registries_are_found(self):
        self.assertTrue(self.faults(tidy.javascript, "tests/browser/a.mjs", "test" + ".only('x')"))
        self.assertTrue(self.faults(tidy.places, "a/package-lock.json", '{"resolved": "https://x"}'))
        self.assertTrue(self.faults(tidy.places, "a.md", f"see {tidy.ROOT}/x"))
        self.assertEqual(self.faults(tidy.places, "a.md", "see target/x"), [])

    def test_a_language_without_texts_and_texts_without_a_language_are_found(self):
        def faults(table, pages, mails, chart):
            tidy.faults.clear()
            schema = '{"properties": {"language": {"enum": ["%s"]}}}' % '", "'.join(chart)
            text = lambda path: schema if path.endswith("json") else "".join(f'tag: "{tag}"' for tag in table)
            tidy.languages(text, lambda path: set(pages if "gateway" in path else mails))
            return list(tidy.faults)

        both = ["en", "it"]
        self.assertEqual(faults(both, both, both, both), [])
        self.assertEqual(len(faults(both + ["de"], both, both, both)), 3)
        for place in range(1, 4):
            given = [both + ["de"] if n == place else both for n in range(4)]
            self.assertEqual(len(faults(*given)), 1, given)


if __name__ == "__main__":
    unittest.main()
