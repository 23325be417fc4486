"""deploy/: the files for people without Kubernetes, run against the real programs where they are programs' files."""

import base64
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import sys
import time

import yaml

from . import servers
from .harness import DEPLOY, SERVICES, TARGETS, NotRun, run, scratch, test
from .secrets import known
from .servers import made_secrets


def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


@test
def the_dockerfile_is_clean():
    program = pathlib.Path(sys.executable).with_name("hadolint")
    result = run(program, DEPLOY / "Dockerfile")
    assert result.returncode == 0, result.stdout
    bad = scratch() / "Dockerfile.bad"
    bad.write_text("FROM debian:latest\nRUN cd /tmp && sudo true\n")
    assert run(program, bad).returncode != 0, "the linter accepts a bad file"


@test
def the_last_stage_is_empty_and_not_root():
    text = (DEPLOY / "Dockerfile").read_text()
    stage = text[text.rindex("\nFROM ") + 1 :]
    assert stage.startswith("FROM scratch\n")
    assert re.search(r"(?m)^USER 65532:65532$", stage)
    assert not re.search(r"(?m)^RUN ", stage)
    for label in ("title", "licenses", "version", "revision"):
        assert f"org.opencontainers.image.{label}=" in stage
    for image in re.findall(r"(?m)^FROM (\S+)", text):
        assert image == "scratch" or re.search(r":\d", image), f"{image} is not pinned"


@test
def the_dockerfile_copies_what_exists():
    listed = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    for line in re.findall(r"(?m)^COPY (?!--from)(.+)$", (DEPLOY / "Dockerfile").read_text()):
        for source in line.split()[:-1]:
            assert (DEPLOY.parent / source).exists(), f"COPY {source}"
            assert f"!{source.split('/')[0]}" in listed, f"{source} is kept out by Dockerfile.dockerignore"


@test
def the_builder_has_all_that_the_program_is_made_of():
    """The workspace's members and every file that the code includes are among what the Dockerfile copies."""
    root = DEPLOY.parent
    copied = {line.split()[0].split("/")[0] for line in re.findall(r"(?m)^COPY (?!--from)(.+)$", (DEPLOY / "Dockerfile").read_text())}
    members = re.search(r"(?s)^members = \[(.*?)\]", (root / "Cargo.toml").read_text(), flags=re.M)[1]
    for member in re.findall(r'"([^"]+)"', members):
        assert member.split("/")[0] in copied, f"member {member} is not copied"
    for path in [*(root / "services").rglob("*.rs"), *(root / "proto").rglob("*.rs")]:
        if "node_modules" in path.parts:
            continue
        for name in re.findall(r'include_(?:str|bytes)!\(\s*"([^"]+)"', path.read_text()):
            included = (path.parent / name).resolve().relative_to(root)
            assert included.parts[0] in copied, f"{path.relative_to(root)} includes {included}, which is not copied"


@test
def compose_is_whole():
    file = compose()
    assert list(file["services"]) == ["postgres", "nats", "mail", "migrate", "portico"]
    secrets = made_secrets("compose-secrets")
    defined = set(file["secrets"])
    for name, source in file["secrets"].items():
        assert (secrets / os.path.basename(source["file"])).is_file(), f"new-secrets does not make {source['file']}"
    used = set()
    for name, service in file["services"].items():
        assert service["image"].rpartition(":")[2][:1] in "0123456789v", f"{name}: {service['image']} is not pinned"
        for secret in service.get("secrets", []):
            used.add(secret if isinstance(secret, str) else secret["source"])
        for needed in service.get("depends_on", {}):
            assert needed in file["services"]
        for key, value in service.get("environment", {}).items():
            if key.startswith("PORTICO_"):
                assert key in known(), f"{name}: {key}"
            if key.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"], f"{name}: {value} is not mounted"
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name}: {port} is open to the network"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in file["volumes"] or (DEPLOY / source).exists(), f"{name}: {source}"
    assert used == defined, used ^ defined
    environment = file["services"]["portico"]["environment"]
    for service in SERVICES:
        assert f"PORTICO_{service.upper()}_DATABASE_URL_FILE" in environment
    for target in TARGETS:
        assert f"PORTICO_{target.upper()}_NATS_URL_FILE" in environment
    for name in ("migrate", "portico"):
        assert file["services"][name]["read_only"] is True and file["services"][name]["cap_drop"] == ["ALL"]


@test
def new_secrets_are_random_kept_and_private():
    path = made_secrets("kept-secrets")
    before = {file.name: file.read_text() for file in path.iterdir()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    again = run(DEPLOY / "compose/new-secrets", path)
    assert "exists already" in again.stdout
    assert {file.name: file.read_text() for file in path.iterdir()} == before
    other = {file.name: file.read_text() for file in made_secrets("other-secrets").iterdir()}
    assert set(other) == set(before)
    assert sorted(name for name in before if before[name] == other[name]) == ["nats-programs.conf", "smtp-url"]
    assert len(base64.b64decode(before["master-key"], validate=True)) == 32


class Bus:
    """One connection to a NATS server in its text protocol."""

    def __init__(self, port, user, password):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.lines = self.socket.makefile("rb")
        assert self.lines.readline().startswith(b"INFO")
        self.send(f'CONNECT {{"verbose":false,"pedantic":false,"user":"{user}","pass":"{password}","lang":"test","version":"1"}}')

    def send(self, text):
        self.socket.sendall(text.encode() + b"\r\n")

    def answer(self, text):
        """Sends, then asks for a sign of life; returns what came before it, an error or nothing."""
        self.send(f"{text}\r\nPING")
        found = []
        while (line := self.lines.readline().decode().strip()) != "PONG":
            assert line, "the server closed the connection: " + " ".join(found)
            found.append(line)
        return " ".join(found)

    def message(self):
        """Waits for the next message; its payload."""
        while not (line := self.lines.readline().decode().strip()).startswith("MSG "):
            assert line, "the server closed the connection"
        return self.lines.read(int(line.split()[-1])).decode()


@test
def on_the_bus_each_service_speaks_only_in_its_own_name():
    with servers.nats("bus") as bus_server:
        port = bus_server.port
        passwords = {name: (bus_server.secrets / f"{name}-nats-url").read_text().split(":")[2].split("@")[0] for name in TARGETS}
        for target in TARGETS:
            bus = Bus(port, target, passwords[target])
            for service in SERVICES:
                answer = bus.answer(f"PUB portico.v1.{service}.thing.happened 2\r\n{{}}")
                if service == target:
                    assert answer == "", f"{target} may not speak for itself: {answer}"
                else:
                    assert "Permissions Violation for Publish" in answer, f"{target} speaks as {service}: {answer}"
            assert bus.answer("SUB portico.v1.> 1") == ""
            assert "Permissions Violation" in bus.answer("SUB > 2")
            for other in TARGETS:
                answer = bus.answer(f"SUB _INBOX_{other}.> 3")
                assert ("Permissions Violation" in answer) == (other != target), f"{target} hears answers to {other}: {answer}"
            assert "Permissions Violation" in bus.answer("SUB _INBOX.> 4")
            for service in SERVICES:
                answer = bus.answer(f"PUB $JS.API.STREAM.DELETE.PORTICO_{service.upper()} 0\r\n")
                assert ("Permissions Violation" in answer) == (service != target), f"{target} deletes the stream of {service}: {answer}"
        # A stranger hears why and is hung up on.
        assert b"Authorization Violation" in Bus(port, "records", "wrong").lines.readline()


@test
def a_program_of_others_has_an_account_of_its_own_and_nothing_else():
    """An account like those that `portico events grant` prints, put where the documents say, without a restart."""
    with servers.nats("programs") as bus:
        records = (bus.secrets / "records-nats-url").read_text().split(":")[2].split("@")[0]
        account = {
            "users": [{"user": "crm", "password": "secret", "permissions": {"publish": {"allow": ["$JS.portico.API.CONSUMER.INFO.PORTICO_RECORDS.crm"]}, "subscribe": {"allow": ["_INBOX.>"]}}}],
            "limits": {"max_connections": 16},
            "imports": [{"service": {"account": "PORTICO", "subject": "$JS.API.CONSUMER.INFO.PORTICO_RECORDS.crm"}, "to": "$JS.portico.API.CONSUMER.INFO.PORTICO_RECORDS.crm"}],
        }
        with (bus.folder / "nats-programs.conf").open("a") as file:
            file.write(f'"PROGRAM_crm": {json.dumps(account)}\n')
        for _ in range(2):
            bus.process.send_signal(signal.SIGHUP)
            time.sleep(0.3)
        program = Bus(bus.port, "crm", "secret")
        for subject in ("$JS.API.CONSUMER.CREATE.PORTICO_RECORDS.x", "portico.hint.records", "portico.v1.records.tickets.created", "$JS.ACK.PORTICO_RECORDS.other.1.1.1.1.0"):
            assert "Permissions Violation" in program.answer(f"PUB {subject} 0\r\n"), subject
        # The way is open as far as JetStream, which says that there is no such stream yet.
        program.answer("SUB _INBOX.> 1")
        program.send("PUB $JS.portico.API.CONSUMER.INFO.PORTICO_RECORDS.crm _INBOX.x 0\r\n")
        assert "stream not found" in program.message()
        # Nobody of Portico was hung up on meanwhile.
        assert Bus(bus.port, "records", records).answer("SUB portico.v1.> 1") == ""


@test
def in_the_database_each_service_is_a_role_without_rights_of_its_own():
    with servers.postgres("database") as database:
        port, psql, secrets = database.port, database.psql, database.secrets
        for service in SERVICES:
            url = (secrets / f"{service}-database-url").read_text().replace("@postgres:5432", f"@127.0.0.1:{port}")
            assert psql("-c", "select current_user", url=url).stdout.strip() == f"portico_{service}"
            for forbidden in ("create schema mine", "create table public.mine (one int)", "create role other", "set role portico"):
                refused = psql("-c", forbidden, url=url)
                assert refused.returncode != 0 and "permission denied" in refused.stderr, f"{service}: {forbidden}: {refused.stderr}"
            wrong = re.sub(r":[0-9a-f]{48}@", ":wrong@", url)
            assert "password authentication failed" in psql("-c", "select 1", url=wrong).stderr


@test
def the_collector_configuration_names_what_it_defines():
    file = yaml.safe_load((DEPLOY / "otel-collector.yaml").read_text())
    pipeline = file["service"]["pipelines"]["traces"]
    for kind in ("receivers", "processors", "exporters"):
        assert set(pipeline[kind]) == set(file[kind]), kind
    assert pipeline["processors"][0] == "memory_limiter" and pipeline["processors"][-1] == "batch"
    policies = {policy["name"]: policy for policy in file["processors"]["tail_sampling"]["policies"]}
    assert policies["errors"]["status_code"] == {"status_codes": ["ERROR"]}
    assert set(policies) == {"errors", "slow", "one-in-ten"}
    for policy in policies.values():
        assert policy["type"] in policy, policy["name"]


@test
def the_unit_gives_each_secret_that_it_loads():
    text = (DEPLOY / "systemd/portico.service").read_text()
    loaded = set(re.findall(r"(?m)^LoadCredential=([a-z-]+):/etc/portico/secrets/", text))
    used = set(re.findall(r"%d/([a-z-]+)", text))
    assert loaded and loaded == used, loaded ^ used
    assert set(re.findall(r"\bPORTICO_[A-Z_]+\b", text)) <= known()
    drain, stop = 10, int(re.search(r"(?m)^TimeoutStopSec=(\d+)$", text)[1])
    assert stop >= drain + 5


@test
def systemd_understands_the_unit():
    if not shutil.which("systemd-analyze"):
        raise NotRun("systemd-analyze is missing (package systemd)")
    unit = scratch() / "portico.service"
    # The program of the example is not installed here; /bin/true stands where its path would be checked.
    unit.write_text((DEPLOY / "systemd/portico.service").read_text().replace("/usr/local/bin/portico", "/bin/true"))
    result = run("systemd-analyze", "verify", unit)
    complaints = [line for line in result.stderr.splitlines() if "portico.service" in line]
    assert result.returncode == 0 and not complaints, result.stderr


@test
def the_shell_scripts_are_clean():
    # From the tests' own environment, so that no machine goes without.
    program = pathlib.Path(sys.executable).with_name("shellcheck")
    scripts = [DEPLOY / "compose/new-secrets", DEPLOY / "compose/postgres-init.sh", DEPLOY.parent / "tests/chart/run"]
    result = run(program, *scripts)
    assert result.returncode == 0, result.stdout
    for script in scripts:
        assert os.access(script, os.X_OK), f"{script.name} is not executable"
