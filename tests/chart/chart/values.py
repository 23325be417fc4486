"""The values: documented, closed, and refused with a sentence that says what to do."""

import json
import re
import shutil

from . import documents
from .harness import CHART, HELMS, objects, refused, rendered, scratch, test


def schema():
    return json.loads((CHART / "values.schema.json").read_text())


def walk(place, path="values"):
    """Every object of a schema with its path."""
    if isinstance(place, dict):
        yield path, place
        for key, child in place.items():
            yield from walk(child, f"{path}.{key}")
    elif isinstance(place, list):
        for number, child in enumerate(place):
            yield from walk(child, f"{path}[{number}]")


@test
def every_value_has_a_comment():
    comments = documents.described()
    missing = [path for path in documents.keys() if path not in comments]
    assert not missing, f"no comment over: {', '.join(missing)}"


@test
def the_schema_and_the_readme_say_what_values_yaml_says():
    for name, text in (("values.schema.json", documents.schema_text()), ("README.md", documents.readme_text())):
        assert (CHART / name).read_text() == text, f"{name} differs from values.yaml: run tests/chart/run --write"


@test
def the_schema_describes_every_key_and_knows_no_others():
    assert schema()["$schema"].startswith("http://json-schema.org/draft-07/")
    for path, place in walk(schema()):
        if "$ref" in place and isinstance(place["$ref"], str):
            assert place["$ref"].startswith("#/definitions/"), f"{path}: {place['$ref']} is not in this file"
        if place.get("type") == "object" and "properties" in place and isinstance(place["properties"], dict):
            # global belongs to the parent chart too; an environment variable is Kubernetes' own type.
            if not path.endswith((".global", ".extraEnv.items")):
                assert place.get("additionalProperties") is False, f"{path}: unknown keys are accepted"
            for key, child in place["properties"].items():
                target = schema()["definitions"].get(child.get("$ref", "").rsplit("/", 1)[-1], {})
                assert child.get("description") or target.get("description"), f"{path}.{key}: no description"


@test
def the_values_stay_below_400_lines():
    lines = [line for line in (CHART / "values.yaml").read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert 50 < len(lines) <= 400, f"{len(lines)} lines"


# What is set, and what both Helms must say: the place and the reason.
REFUSED = [
    (["--set", "mode=both"], r"mode.*(must be one of|all.*split)"),
    (["--set", "replicas=3"], r"(additional propert|Additional property).*replicas"),
    (["--set", "targets.web.replicas=3"], r"targets.*(additional propert|Additional property).*web"),
    (["--set", "targets.gateway.replica=3"], r"gateway.*replica"),
    (["--set-string", "targets.gateway.replicas=two"], r"replicas.*(integer)"),
    (["--set", "targets.gateway.postgres.existingSecret=x"], r"gateway.*postgres"),
    (["--set", "publicUrl=http://portal.example.com"], r"publicUrl.*pattern.*https"),
    (["--set", "publicUrl=https://portal.example.com/path"], r"publicUrl.*pattern"),
    (["--set", "image.tag=latest"], r"image.*tag"),
    (["--set", "image.digest=abc"], r"digest.*pattern"),
    (["--set", "log.level=loud"], r"log.*level.*pattern"),
    (["--set", "nats.replicas=2"], r"nats.*replicas"),
    (["--set", "otel.ratio=7"], r"otel.*ratio"),
    (["--set", "defaults.resources.limits.cpu=1"], r"limits.*cpu"),
    (["--set", "installation=My Portal"], r"installation.*pattern"),
    (["--set", "service.port=0"], r"service.*port"),
    (["--set", "otel.endpoint=collector:4317"], r"otel.*endpoint"),
    (["--set", "masterKey.value=secret"], r"masterKey.*value"),
]


@test
def wrong_values_are_refused_with_their_place_and_reason():
    for arguments, expected in REFUSED:
        for version in HELMS:
            message = " ".join(refused("split", *arguments, version=version).split())
            assert re.search(expected, message), f"{version} {arguments}: {message}"


# Each alone is right; together they are wrong, or something is missing.
SENTENCES = [
    ("default-all", ["--set", "publicUrl="], "publicUrl is required"),
    ("default-all", ["--set", "masterKey.existingSecret="], "masterKey.existingSecret is required"),
    ("default-all", ["--set", "postgres.existingSecret="], "targets.identity.postgres.existingSecret or postgres.existingSecret is required"),
    ("default-all", ["--set", "postgres.migrations.existingSecret="], "postgres.migrations.existingSecret is required"),
    ("default-all", ["--set", "nats.existingSecret="], "nats.existingSecret is required"),
    ("default-all", ["--set", "smtp.existingSecret=mail"], "smtp.from is required"),
    ("default-all", ["--set", "httpRoute.enabled=true"], "httpRoute.parentRefs is required"),
    ("ha", ["--set", "ingress.enabled=true"], "ingress.enabled and httpRoute.enabled exclude each other"),
    ("default-all", ["--set", "metrics.podMonitor.enabled=true"], "metrics.allowFrom is required"),
    ("ha", ["--set", "targets.gateway.autoscaling.maxReplicas=2"], "maxReplicas (2) is less than minReplicas (3)"),
]


@test
def what_is_missing_or_contradicts_is_said_in_a_sentence():
    for example, arguments, expected in SENTENCES:
        for version in HELMS:
            message = refused(example, *arguments, version=version)
            assert expected in message, f"{version} {arguments}: {message}"


@test
def plain_http_needs_dev():
    text = rendered("default-all", "--set", "dev=true", "--set", "publicUrl=http://localhost:8080")
    assert 'PORTICO_PORTAL_URL: "http://localhost:8080"' in text


@test
def the_notes_name_what_is_not_set_up():
    # Helm 3 shows notes only with a cluster at hand, so a copy of the chart renders them into an object.
    chart = scratch() / "notes" / "portico"
    shutil.copytree(CHART, chart)
    (chart / "templates/NOTES.txt").rename(chart / "notes.txt")
    (chart / "templates/notes.yaml").write_text('notes: {{ tpl (.Files.Get "notes.txt") . | toJson }}\nkind: Notes\n')
    for version in HELMS:
        text = objects("default-all", kind="Notes", chart=chart, version=version)[0]["notes"]
        for part in ("https://portal.example.com", "deploy/portal-portico-all -- portico admin create", "helm test portal", "No mail server", "No traces", "the Secret portal-master-key"):
            assert part in text, f"{version}: the notes lack: {part}"
        assert "trustedProxies" in objects("ha", "--set-json", "trustedProxies=[]", kind="Notes", chart=chart, version=version)[0]["notes"]
        assert "WARNING" not in objects("split", kind="Notes", chart=chart, version=version)[0]["notes"]
