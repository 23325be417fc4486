"""values.yaml is where each value is described. From its comments come the descriptions in values.schema.json and the
table in README.md; `tests/chart/run --write` copies them, a test compares."""

import json
import re

import yaml

from .harness import CHART

BEGIN, END = "<!-- values: begin -->", "<!-- values: end -->"


def described():
    """Path of each key in values.yaml → the comment right over it."""
    found, path, comment = {}, [], []
    for line in (CHART / "values.yaml").read_text().splitlines():
        if not line.strip():
            comment = []
        elif line.lstrip().startswith("#"):
            comment.append(line.strip().lstrip("#").strip())
        else:
            match = re.match(r"^( *)([A-Za-z]+):", line)
            assert match, f"values.yaml: not a key: {line}"
            depth = len(match[1]) // 2
            path = [*path[:depth], match[2]]
            if comment:
                found[".".join(path)] = " ".join(comment)
            comment = []
    return found


def keys():
    """Path of each key of values.yaml that is documented on its own → its default. resources and the targets' overrides are
    described as one."""
    tree = yaml.safe_load((CHART / "values.yaml").read_text())
    found = {}

    def walk(value, path):
        name = path[-1] if path else ""
        inner = isinstance(value, dict) and value and name != "resources" and path[:-1] != ["targets"]
        if path:
            found[".".join(path)] = None if inner else value
        if inner:
            for key, child in value.items():
                walk(child, [*path, key])

    walk(tree, [])
    return found


def node(schema, path):
    """The schema of a value; what is defined once under definitions is found there."""
    here = schema
    for part in path.split("."):
        here = here["properties"][part]
        if "$ref" in here:
            # A shared definition with a description of its own (resources of the Job) keeps it beside the reference.
            target = schema["definitions"][here["$ref"].rsplit("/", 1)[-1]]
            if part != path.rsplit(".", 1)[-1] or path.startswith("defaults."):
                here = target
    return here


def schema_text():
    schema = json.loads((CHART / "values.schema.json").read_text())
    for path, text in described().items():
        place = node(schema, path)
        rest = {key: value for key, value in place.items() if key != "description"}
        place.clear()
        place.update({"description": text, **rest})
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def table():
    comments = described()
    rows = ["| value | default | what it is |", "|---|---|---|"]
    for path, default in keys().items():
        if default is None and path in comments and "." not in path:
            rows.append(f"| **{path}** | | {comments[path]} |")
        elif default is not None:
            shown = json.dumps(default, ensure_ascii=False).replace("|", "\\|")
            rows.append(f"| `{path}` | `{shown}` | {comments[path]} |")
        else:
            rows.append(f"| `{path}` | | {comments[path]} |")
    return "\n".join(rows)


def readme_text():
    text = (CHART / "README.md").read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def write():
    schema = schema_text()
    (CHART / "values.schema.json").write_text(schema)
    (CHART / "README.md").write_text(readme_text())
