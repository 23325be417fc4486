"""Secrets are files, each pod has its own and no other; variables are those that the program knows."""

import re

from .harness import DEPLOY, CHART, EXAMPLES, ROOT, SERVICES, TARGETS, by_component, environment, objects, pods, test

DIRECTORY = "/etc/portico/secrets/"

SECRET = {"DATABASE_URL", "READ_URL", "NATS_URL", "SMTP_URL", "MASTER_KEY"}


def known():
    """The program's variables, from the fields of its configuration; every one may have _FILE behind it."""
    text = (ROOT / "services/shared/runtime/src/config.rs").read_text()
    body = re.search(r"(?ms)^pub struct Config \{\n(.*?)^\}", text)[1]
    names = {"PORTICO_" + field.upper() for field in re.findall(r"(?m)^    pub (\w+):", body)}
    assert len(names) > 20, f"{len(names)} settings found in config.rs"
    # Variables of scripts/ and tests/, which the documents may name.
    return names | {name + "_FILE" for name in names} | {"PORTICO_CACHE", "PORTICO_TEST_STATIC_BINARY"}


def files(spec):
    """File in the pod → (secret, key)."""
    found = {}
    for volume in spec["volumes"]:
        for source in volume.get("projected", {}).get("sources", []):
            for item in source["secret"]["items"]:
                assert item["path"] not in found, f"two secrets at {item['path']}"
                found[DIRECTORY + item["path"]] = (source["secret"]["name"], item["key"])
    return found


@test
def every_secret_is_a_file_and_every_file_is_named():
    for example in EXAMPLES:
        for item, _, spec in pods(example):
            container = spec["containers"][0]
            named = {value for key, value in environment(container).items() if key.endswith("_FILE")}
            assert named == set(files(spec)), item["metadata"]["name"]
            assert {"name": "secrets", "mountPath": DIRECTORY.rstrip("/"), "readOnly": True} in container["volumeMounts"]
            for entry in container["env"]:
                assert "secretKeyRef" not in entry.get("valueFrom", {}), entry["name"]
                assert not any(entry["name"].endswith(secret) for secret in SECRET), f"{entry['name']} is not a file"


@test
def each_pod_has_the_secrets_of_its_own_work_and_no_other():
    found = {metadata["labels"]["app.kubernetes.io/component"]: {secret for secret, _ in files(spec).values()} for _, metadata, spec in pods("split")}
    own = {service: {f"portal-db-{service}", f"portal-nats-{service}", "portal-master-key"} for service in SERVICES}
    own["notification"] |= {"portal-smtp"}
    own["gateway"] = {"portal-nats-gateway", "portal-master-key"}
    own["migrate"] = {"portal-db-owner"}
    own["doctor"] = {name for target in TARGETS for name in own[target]}
    assert found == own, found


@test
def the_owner_of_the_schemas_is_known_to_the_migration_only():
    for example in EXAMPLES:
        for item, _, spec in pods(example):
            holds = "portal-db-owner" in {secret for secret, _ in files(spec).values()}
            assert holds == (item["kind"] == "Job"), item["metadata"]["name"]
            assert ("PORTICO_DATABASE_URL_FILE" in environment(spec["containers"][0])) == (item["kind"] == "Job")


@test
def the_job_for_a_new_epoch_has_what_that_service_has_and_the_owners_connection():
    jobs = {item["metadata"]["labels"]["app.kubernetes.io/component"]: item for item in objects("split", "--set", "newEpoch.service=records", kind="Job")}
    assert sorted(jobs) == ["migrate", "new-epoch"]
    spec = jobs["new-epoch"]["spec"]["template"]["spec"]
    container = spec["containers"][0]
    assert container["args"] == ["events", "new-epoch", "--service", "records"]
    assert {secret for secret, _ in files(spec).values()} == {"portal-db-owner", "portal-db-records", "portal-nats-records", "portal-master-key"}
    assert set(environment(container)) == {"PORTICO_DATABASE_URL_FILE", "PORTICO_RECORDS_DATABASE_URL_FILE", "PORTICO_RECORDS_NATS_URL_FILE", "PORTICO_MASTER_KEY_FILE"}
    deployment = by_component(objects("split", kind="Deployment"))["records"]
    assert container["envFrom"] == deployment["spec"]["template"]["spec"]["containers"][0]["envFrom"]
    # It runs once, whatever becomes of it; only a raised number or another service is another Job.
    assert jobs["new-epoch"]["spec"]["backoffLimit"] == 0 and spec["restartPolicy"] == "Never"
    names = {jobs["new-epoch"]["metadata"]["name"]}
    for other in ("newEpoch.service=identity", "newEpoch.attempt=2"):
        item = objects("split", "--set", "newEpoch.service=records", "--set", other, kind="Job")
        names |= {job["metadata"]["name"] for job in item if "new-epoch" in job["metadata"]["name"]}
    assert len(names) == 3, names


@test
def a_service_may_have_a_secret_and_a_key_of_its_own():
    deployment = by_component(objects("split", kind="Deployment"))["records"]
    assert files(deployment["spec"]["template"]["spec"])[DIRECTORY + "records-database-url"] == ("portal-db-records", "pooled-uri")
    everything = by_component(objects("default-all", "--set", "targets.records.postgres.existingSecret=mine", kind="Deployment"))["all"]
    held = files(everything["spec"]["template"]["spec"])
    assert held[DIRECTORY + "records-database-url"] == ("mine", "uri")
    assert held[DIRECTORY + "identity-database-url"] == ("portal-db", "uri")


@test
def records_may_read_on_a_replica_and_nobody_else_knows_of_it():
    replica = ("--set", "targets.records.postgres.replica.existingSecret=portal-db-replica", "--set", "targets.records.postgres.replica.uriKey=ro")
    for example, holder in (("split", "records"), ("default-all", "all")):
        found = by_component(objects(example, *replica, kind="Deployment"))
        for name, deployment in found.items():
            held = files(deployment["spec"]["template"]["spec"])
            assert held.get(DIRECTORY + "records-read-url") == (("portal-db-replica", "ro") if name == holder else None), name
        container = found[holder]["spec"]["template"]["spec"]["containers"][0]
        assert environment(container)["PORTICO_RECORDS_READ_URL_FILE"] == DIRECTORY + "records-read-url"
    assert not any("PORTICO_RECORDS_READ_URL_FILE" in environment(spec["containers"][0]) for _, _, spec in pods("split"))


@test
def every_variable_is_one_that_the_program_knows():
    for example in EXAMPLES:
        shared = set(objects(example, kind="ConfigMap")[0]["data"])
        assert shared <= known(), shared - known()
        for item, _, spec in pods(example):
            names = {name for name in environment(spec["containers"][0]) if name.startswith("PORTICO_")}
            assert names <= known(), f"{item['metadata']['name']}: {names - known()}"
    for folder in (CHART, DEPLOY):
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix != ".png" and "examples" not in path.parts and "secrets" not in path.parts:
                for name in re.findall(r"\bPORTICO_[A-Z][A-Z_]*[A-Z]\b", path.read_text()):
                    assert name in known() | STREAMS, f"{path.relative_to(ROOT)}: {name}"


# JetStream streams are written like variables.
STREAMS = {f"PORTICO_{service.upper()}" for service in SERVICES}
