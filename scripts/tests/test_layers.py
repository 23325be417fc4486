"""What scripts/layers must find, tried on crates of a few lines."""

import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "layers"
loader = importlib.machinery.SourceFileLoader("layers", str(SCRIPT))
spec = importlib.util.spec_from_loader("layers", loader)
layers = importlib.util.module_from_spec(spec)
loader.exec_module(layers)


class Layers(unittest.TestCase):
    def faults(self, files, order=None):
        with tempfile.TemporaryDirectory() as folder:
            layers.ROOT = pathlib.Path(folder)
            for name, text in {"lib.rs": "", **files}.items():
                path = layers.ROOT / "src" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            faults = []
            layers.check("src", order or {}, faults)
            return "\n".join(faults)

    def test_a_circle_is_found_through_every_way_to_write_an_import(self):
        for way in ("use crate::b::Thing;", "use crate::{c, b::{Thing, Other}};", "use super::b;", "fn f() -> crate::b::Thing {}"):
            faults = self.faults({"a.rs": way, "b.rs": "use crate::a;", "c.rs": ""})
            self.assertIn("a circle of imports: a, b", faults, way)

    def test_a_line_is_no_circle(self):
        self.assertEqual(self.faults({"a.rs": "use crate::b;", "b.rs": "use crate::c;", "c.rs": ""}), "")

    def test_a_comment_a_text_and_a_test_import_nothing(self):
        b = '// use crate::a;\nconst T: &str = "crate::a::X";\n#[cfg(test)]\nmod tests {\n use crate::a;\n}\n'
        self.assertEqual(self.faults({"a.rs": "use crate::b;", "b.rs": b, "b/tests.rs": "use crate::a;"}), "")

    def test_a_name_is_followed_to_the_module_that_writes_it(self):
        faults = self.faults({"lib.rs": "pub use b::Thing;", "a.rs": "use crate::Thing;", "b.rs": "use crate::a;"})
        self.assertIn("a circle of imports: a, b", faults)

    def test_what_the_root_defines_is_imported_by_no_module(self):
        faults = self.faults({"lib.rs": "pub struct Thing;", "a.rs": "\nuse crate::Thing;"})
        self.assertEqual(faults, "src/a.rs:2: imports what the crate's root defines: give it a module")

    def test_circles_inside_a_folder_count_and_a_parent_is_its_door(self):
        files = {"a.rs": "mod b; mod c; pub use b::B;", "a/b.rs": "use super::c::C;", "a/c.rs": "use super::b::B;"}
        self.assertIn("src/a: a circle of imports: b, c", self.faults(files))
        files["a/c.rs"] = "use super::Door;"
        self.assertEqual(self.faults(files), "")

    def test_calling_a_method_of_the_services_struct_counts_as_importing_its_module(self):
        method = "impl House {\n    pub(crate) async fn %s(&self) {\n        self.%s().await;\n    }\n}\n"
        files = {"house.rs": "pub struct House;", "a.rs": method % ("open", "close"), "b.rs": method % ("close", "open")}
        self.assertEqual(self.faults(files), "")
        layers.STRUCT["src"] = "House"
        self.addCleanup(layers.STRUCT.pop, "src")
        self.assertIn("a circle of imports: a, b", self.faults(files))
        files["b.rs"] = method % ("close", "log")
        self.assertEqual(self.faults(files), "")

    def test_the_order_holds_and_names_all_modules(self):
        files = {"a.rs": "use crate::b;", "b.rs": "", "c.rs": ""}
        self.assertEqual(self.faults(files, {"": ["a", "b c"]}), "")
        self.assertIn("a imports b, which does not stand below it", self.faults(files, {"": ["b c", "a"]}))
        self.assertIn("a imports b, which does not stand below it", self.faults(files, {"": ["a b", "c"]}))
        self.assertIn("`c` has no place in ORDER", self.faults(files, {"": ["a", "b"]}))
        self.assertIn("names `d`, which is not there", self.faults(files, {"": ["a", "b", "c", "d"]}))


if __name__ == "__main__":
    unittest.main()
