"""Tests of scripts/ledger."""

import importlib.machinery
import importlib.util
import pathlib
import unittest

PATH = str(pathlib.Path(__file__).resolve().parent.parent / "ledger")
LOADER = importlib.machinery.SourceFileLoader("ledger", PATH)
ledger = importlib.util.module_from_spec(importlib.util.spec_from_loader("ledger", LOADER))
LOADER.exec_module(ledger)


class Ledger(unittest.TestCase):
    def claims(self, path, *lines):
        return ledger.claims(pathlib.PurePosixPath(path), "\n".join(lines))

    def test_a_rust_test_names_its_rows_across_attributes_and_comments(self):
        found = self.claims(
            "tests/a.rs", "/// proves: A06, A07", "/// More words.", "#[tokio::test]", "async fn a_thing_happens() {", "}"
        )
        self.assertEqual(found, [(1, "a_thing_happens", ["A06", "A07"])])

    def test_a_rust_file_speaks_for_all_its_tests(self):
        self.assertEqual(self.claims("tests/a.rs", "//! proves: A23", "use x;", "#[test]", "fn f() {}"), [(1, None, ["A23"])])

    def test_a_journey_names_its_rows_and_a_script_speaks_for_all_of_its_own(self):
        journey = ("// proves: H09", "export async function a_journey() {")
        self.assertEqual(self.claims("tests/a.mjs", *journey), [(1, "a_journey", ["H09"])])
        self.assertEqual(self.claims("tests/a.mjs", "// proves: H09", "import x from 'y';", *journey[1:]), [(1, None, ["H09"])])

    def test_a_python_test_without_an_ending_is_found_by_its_first_line(self):
        lines = ("#!/usr/bin/env python3", "class T:", "    # proves: E04", "    def test_it(self):")
        found = self.claims("deploy/examples/test", *lines)
        self.assertEqual(found, [(3, "test_it", ["E04"])])
        self.assertEqual(self.claims("tests/chart/run", "#!/usr/bin/env bash", "# proves: E04"), [])

    def test_what_is_no_claim_is_left_alone(self):
        self.assertEqual(self.claims("tests/a.rs", "// A history that proves it, once.", "/// It proves nothing."), [])

    def test_a_claim_without_a_test_and_a_row_that_is_none_are_faults(self):
        for lines in (("/// proves: A06", "struct S;"), ("/// proves: A6", "fn f() {}"), ("/// proves:", "fn f() {}")):
            with self.subTest(lines), self.assertRaises(ValueError):
                self.claims("tests/a.rs", *lines)

    def test_rows_stand_in_their_chapter_and_once(self):
        found = ledger.chapters("A. Access\nA01 One\n\nP. More\nP01 Two\n")
        self.assertEqual(found, [("A. Access", [("A01", "One")]), ("P. More", [("P01", "Two")])])
        for text in ("A. Access\nP01 One\n", "A. Access\nA01 One\nA01 Two\n", "A01 One\n", "words\n"):
            with self.subTest(text), self.assertRaises(ValueError):
                ledger.chapters(text)


if __name__ == "__main__":
    unittest.main()
