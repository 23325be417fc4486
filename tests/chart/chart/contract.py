"""The nearest thing to an installation without a cluster: what the chart renders is started as processes of this machine, with
the same arguments, variables, files and user, asked by the same probes and ended in the same way, against the real Postgres
and NATS. It finds what no schema can: a wrong flag, variable, key or path, and a drain that is longer than its grace."""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from . import servers
from .harness import ROOT, SERVICES, TARGETS, NotRun, environment, objects, pods, scratch, test
from .network import GRPC
from .secrets import DIRECTORY, files

USER = 65532
PASSWORD = "correct-horse-battery-staple-9"


def program():
    path = pathlib.Path(os.environ.get("PORTICO_TEST_BINARY", ROOT / "target/debug/portico"))
    if not path.is_file():
        raise NotRun(f"{path} is not built (cargo build -p portico)")
    return path


class Cluster:
    """Stands where the cluster would be: holds Secrets, gives each pod files, variables and ports."""

    def __init__(self, example, sets, database, bus):
        self.example, self.sets = example, sets
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"contract-{example}-", dir=scratch()))
        self.secrets = self.contents(database, bus)
        self.config = next(item["data"] for item in objects(example, *sets, kind="ConfigMap") if item["metadata"]["name"].endswith("-config"))
        self.ports = {(name, port): servers.free_port() for name in [*TARGETS, "all", "migrate", "new-epoch", "doctor"] for port in ("http", "grpc", "admin")}
        self.running = {}

    def contents(self, database, bus):
        """(secret, key) → value, as a person would have made them from README.md."""
        def nats(target):
            return (bus.secrets / f"{target}-nats-url").read_text().replace("@nats:4222", f"@127.0.0.1:{bus.port}")

        values = {("portal-db-owner", "uri"): database.url("database-url"), ("portal-master-key", "master-key"): (database.secrets / "master-key").read_text(),
                  ("portal-smtp", "url"): f"smtp://127.0.0.1:{servers.free_port()}"}
        for service in SERVICES:
            for key in ("uri", "pooled-uri"):
                values[(f"portal-db-{service}", key)] = database.url(f"{service}-database-url")
        for target in TARGETS:
            values[(f"portal-nats-{target}", "url")] = nats(target)
        return values

    def start(self, name, spec, args=None, typed=None):
        """Starts a pod's one container; with args and what is typed, what `kubectl exec` would start beside it."""
        container = spec["containers"][0]
        folder = self.folder / f"{name}-{len(list(self.folder.glob(name + '-*')))}"
        folder.mkdir()
        for path, source in files(spec).items():
            file = folder / path.removeprefix(DIRECTORY)
            file.write_text(self.secrets[source] + "\n")
        variables = dict(self.config) if "envFrom" in container else {}
        for key, value in environment(container).items():
            variables[key] = value if value is not None else "node"
        for key, value in variables.items():
            if key.endswith("_LISTEN"):
                kind = key.removeprefix("PORTICO_").removesuffix("_LISTEN").lower()
                variables[key] = f"127.0.0.1:{self.ports[name, kind]}"
            elif key.endswith("_ADDR"):
                called = value.removeprefix("http://portal-portico-").removesuffix(f":{GRPC}")
                variables[key] = f"http://127.0.0.1:{self.ports[called, 'grpc']}"
            elif key.endswith("_FILE"):
                variables[key] = value.replace(DIRECTORY, f"{folder}/")
        # Without the variable the program's own default would be one port of this machine for all of them.
        variables.setdefault("PORTICO_GRPC_LISTEN", f"127.0.0.1:{self.ports[name, 'grpc']}")
        identity = {}
        if os.getuid() == 0:
            identity = {"user": USER, "group": USER, "extra_groups": []}
            os.chmod(scratch(), 0o711)
            os.chmod(self.folder, 0o711)
            for path in [folder, *folder.iterdir()]:
                os.chown(path, USER, USER)
        log = self.folder / f"{folder.name}.log"
        with log.open("w") as output:
            command = [program(), *(args or container["args"])]
            process = subprocess.Popen(command, env=variables, cwd="/", stdin=subprocess.PIPE, stdout=output, stderr=output, **identity)
        process.stdin.write((typed or "").encode())
        process.stdin.close()
        return process, log

    def finish(self, name, spec, within, *exec_):
        """Runs a pod to its end: exit code and what it printed."""
        process, log = self.start(name, spec, *exec_)
        try:
            return process.wait(timeout=within), log.read_text()
        except subprocess.TimeoutExpired:
            return servers.end(process), "had no end: " + log.read_text()

    def probe(self, name, spec, kind):
        """What a probe of the pod answers: status and body."""
        path = spec["containers"][0][kind]["httpGet"]["path"]
        return get(f"http://127.0.0.1:{self.ports[name, 'admin']}{path}")

    @contextlib.contextmanager
    def deployments(self):
        """All Deployments, running; whatever is left at the end is ended."""
        specs = {item["metadata"]["labels"]["app.kubernetes.io/component"]: spec for item, _, spec in pods(self.example, *self.sets) if item["kind"] == "Deployment"}
        try:
            for name, spec in specs.items():
                self.running[name] = self.start(name, spec)
            yield specs
        finally:
            for process, _ in self.running.values():
                if process.poll() is None:
                    servers.end(process)

    def tail(self, name):
        return self.running[name][1].read_text()[-2000:]

    def one(self, kind):
        return next(spec for item, _, spec in pods(self.example, *self.sets) if item["kind"] == kind)


def get(url, body=None, **headers):
    """Asks once: status and text; a cookie that is set stands in the third place of answer()."""
    return answer(url, body, **headers)[:2]


def answer(url, body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} if data else {}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, sent), timeout=5) as found:
            return found.status, found.read().decode(), (found.headers["Set-Cookie"] or "").split(";")[0]
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), ""
    except OSError as error:
        return 0, str(error), ""


def contract(example, *sets):
    program()
    with servers.postgres(f"contract-{example}") as database, servers.nats(f"contract-{example}") as bus:
        cluster = Cluster(example, sets, database, bus)
        with cluster.deployments() as specs:
            # Before the migration: alive, not started, and saying why.
            for name, spec in specs.items():
                servers.until(lambda: cluster.probe(name, spec, "livenessProbe")[0] == 200, 20, f"{name} alive: {cluster.tail(name)}")
                if name != "gateway":
                    servers.until(lambda: "migrate" in cluster.probe(name, spec, "startupProbe")[1], 20, f"{name} says what it waits for")
                    assert cluster.probe(name, spec, "startupProbe")[0] == 503, name
                    assert cluster.probe(name, spec, "readinessProbe")[0] == 503, name
            # The Job, and once more, as after a rollback.
            for _ in range(2):
                code, text = cluster.finish("migrate", cluster.one("Job"), 60)
                assert code == 0, f"migrate: {code} {text}"
            for name, spec in specs.items():
                for kind in ("startupProbe", "readinessProbe"):
                    servers.until(lambda: cluster.probe(name, spec, kind)[0] == 200, 30, f"{name} {kind}: {cluster.probe(name, spec, kind)} {cluster.tail(name)}")
                status, text = get(f"http://127.0.0.1:{cluster.ports[name, 'admin']}/metrics")
                assert status == 200 and "portico_build_info" in text, name
            front = "all" if "all" in specs else "gateway"
            status, text = get(f"http://127.0.0.1:{cluster.ports[front, 'http']}/api/openapi.json")
            assert status == 200 and json.loads(text)["openapi"].startswith("3.1"), status
            # Ready is not yet settled: each relay makes its stream behind the start.
            deadline = time.monotonic() + 30
            while True:
                code, text = cluster.finish("doctor", cluster.one("Pod"), 60)
                # Nobody is behind the mail server's address here, and the doctor says so; nothing else may be wrong.
                wrong = [line for line in text.splitlines() if line.startswith("FAIL ")]
                well = all(line.startswith("FAIL mail server: 127.0.0.1") for line in wrong) and (code == 0) == (not wrong)
                if well or time.monotonic() > deadline:
                    break
                time.sleep(0.5)
            assert well, f"doctor: {code} {text}"
            # The first administrator, as NOTES.txt says, who then signs in: gateway, identity, database, one way through.
            where = "all" if "all" in specs else "identity"
            command = ["admin", "create", "--login", "admin@example.com", "--name", "First Administrator", "--lasting"]
            code, text = cluster.finish(where, specs[where], 30, command, PASSWORD + "\n")
            assert code == 0, f"admin create: {code} {text}"
            api = f"http://127.0.0.1:{cluster.ports[front, 'http']}/api/v1"
            console = {"X_Portico_Surface": "console", "Sec_Fetch_Site": "same-origin"}
            for password, expected in ((PASSWORD + "x", 401), (PASSWORD, 200)):
                login = {"login": "admin@example.com", "password": password}
                status, text, cookie = answer(f"{api}/auth/login", login, **console)
                assert status == expected, f"sign in: {status} {text}"
            # Records decides by permissions' plan and verifies a token of identity's; notification lists nothing yet.
            for path in ("modules", "modules/tickets/records", "admin/deliveries"):
                status, text = get(f"{api}/{path}", Cookie=cookie, **console)
                assert status == 200, f"{path}: {status} {text}"
            # SIGTERM comes when preStop is over; what is left of the grace period is the program's.
            for name, spec in specs.items():
                stop = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
                grace = spec["terminationGracePeriodSeconds"] - stop
                began = time.monotonic()
                code = servers.end(cluster.running[name][0], within=grace)
                assert code == 0, f"{name} ended with {code} after {time.monotonic() - began:.0f} s: {cluster.tail(name)}"


@test
def what_split_renders_runs_migrates_serves_and_ends():
    contract("split", "--set", "otel.endpoint=", "--set", "publicUrl=https://portal.example.com")


@test
def what_all_renders_runs_migrates_serves_and_ends():
    own = [part for service in SERVICES for part in ("--set", f"targets.{service}.postgres.existingSecret=portal-db-{service}")]
    users = [part for target in TARGETS for part in ("--set", f"targets.{target}.nats.existingSecret=portal-nats-{target}")]
    contract("default-all", *own, *users)
