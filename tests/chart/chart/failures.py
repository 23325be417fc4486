"""The alerts in a running installation: what the chart renders for mode split runs as processes, something is broken, every
process is scraped as Prometheus would, and the chart's own expressions are evaluated over what was served. One scrape stands
for a minute, so a window of ten minutes takes as many scrapes; how long an alert waits (`for`) is alerts_test.yaml's matter."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid

import yaml

from . import servers
from .contract import PASSWORD, Cluster, answer, get, program
from .deploy import Bus
from .harness import CACHE, CHART, ROOT, TARGETS, objects, run, scratch, test
from .observability import promtool

TICK = 0.5
WINDOW = 12
NAMESPACE = "customers"
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")
# What the alerts of rules/platform.yaml look at; histograms of requests are none of it.
WANTED = ("portico_", "up")


@contextlib.contextmanager
def mail_catcher():
    folder = scratch() / "failures-mail"
    folder.mkdir()
    smtp, web = servers.free_port(), servers.free_port()
    state = {}

    def start():
        command = [sys.executable, ROOT / "scripts/mailcatcher.py", "--directory", folder, "--smtp-port", str(smtp), "--web-port", str(web)]
        state["process"] = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(CACHE / "aiosmtpd-1.4.6"), "MAILCATCHER_KEY": "key"})
        servers.until(lambda: get(f"http://127.0.0.1:{web}/key/mode")[0] == 200, 20, "the mail catcher")

    def stop():
        servers.end(state["process"], signal.SIGKILL)

    start()
    try:
        yield smtp, start, stop
    finally:
        stop()


class Installation:
    """A split installation that runs, and what was scraped of it."""

    def __init__(self, cluster, specs):
        self.cluster, self.specs = cluster, specs
        self.api = f"http://127.0.0.1:{cluster.ports['gateway', 'http']}/api/v1"
        self.ticks = []

    def sign_in(self):
        console = {"X_Portico_Surface": "console", "Sec_Fetch_Site": "same-origin"}
        status, text, cookie = answer(f"{self.api}/auth/login", {"login": "admin@example.com", "password": PASSWORD}, **console)
        assert status == 200, f"{status} {text}"
        self.headers = {**console, "Cookie": cookie}
        self.headers["X_CSRF_Token"] = json.loads(get(f"{self.api}/auth/session", **self.headers)[1])["csrf_token"]

    def create(self, module, **fields):
        return self.post(f"modules/{module}/records", {"fields": fields}, 201)["id"]

    def post(self, path, body, expected=200):
        status, text = get(f"{self.api}/{path}", body, **self.headers, Idempotency_Key=str(uuid.uuid4()))
        assert status == expected, f"{path}: {status} {text}"
        return json.loads(text)

    def scrape(self):
        """(name, labels) → value, with the labels that the chart's PodMonitor adds."""
        found = {}
        for target in TARGETS:
            status, text = get(f"http://127.0.0.1:{self.cluster.ports[target, 'admin']}/metrics")
            added = f'job="portico",namespace="{NAMESPACE}",pod="{target}",target="{target}"'
            found["up", added] = "1" if status == 200 else "0"
            for line in text.splitlines() if status == 200 else []:
                sample = SAMPLE.fullmatch(line)
                if sample and sample[1].startswith(WANTED):
                    found[sample[1], ",".join(filter(None, (sample[2], added)))] = sample[3]
        return found

    def watch(self, ticks=WINDOW):
        """Scrapes so many times; what was before is forgotten."""
        self.ticks = []
        for _ in range(ticks):
            self.ticks.append(self.scrape())
            time.sleep(TICK)

    def value(self, name, **labels):
        """The value of a series now, None without one."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        for (found, has), value in self.scrape().items():
            if found == name and all(label in has for label in wanted):
                return float(value)
        return None

    def until(self, fits, within, name, **labels):
        seen = []

        def look():
            seen.append(self.value(name, **labels))
            return seen[-1] is not None and fits(seen[-1])

        try:
            servers.until(look, within, f"{name} {labels}")
        except AssertionError as error:
            raise AssertionError(f"{error}, which is {seen[-1]}") from error

    def ready(self):
        for target, spec in self.specs.items():
            status, text = self.cluster.probe(target, spec, "readinessProbe")
            assert status == 200, f"{target} is not ready: {text}"

    def fires(self, *expected):
        """Evaluates the rules over what was watched: exactly these alerts fire, as (alert, severity, service or target)."""
        folder = scratch() / f"failures-{uuid.uuid4().hex}"
        folder.mkdir()
        rules = yaml.safe_load((CHART / "rules/platform.yaml").read_text())
        for group in rules["groups"]:
            for rule in group["rules"]:
                rule.pop("for", None)
        (folder / "rules.yaml").write_text(yaml.safe_dump(rules))
        series = []
        for key in sorted({key for tick in self.ticks for key in tick}):
            values, before = [], None
            for tick in self.ticks:
                now = tick.get(key)
                # A scrape that fails makes a series stale at once.
                values.append(now if now is not None else "stale" if before is not None else "_")
                before = now
            series.append({"series": f"{key[0]}{{{key[1]}}}", "values": " ".join(values)})
        expression = 'count by (alertname, severity, service, target) (ALERTS{alertstate="firing"})'
        samples = []
        for alert, severity, labels in expected:
            where = ",".join([f'{name}="{value}"' for name, value in sorted({"alertname": alert, "severity": severity, **labels}.items())])
            samples.append({"labels": f"{{{where}}}", "value": 1})
        tests = {
            "rule_files": ["rules.yaml"],
            "evaluation_interval": "1m",
            "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": [{"expr": expression, "eval_time": f"{len(self.ticks) - 1}m", "exp_samples": samples}]}],
        }
        (folder / "test.yaml").write_text(yaml.safe_dump(tests, width=1_000_000))
        result = run(promtool(), "test", "rules", folder / "test.yaml")
        assert result.returncode == 0, result.stdout + result.stderr
        shutil.rmtree(folder)


@contextlib.contextmanager
def installation(database, bus, smtp):
    cluster = Cluster("split", (), database, bus)
    cluster.secrets["portal-smtp", "url"] = f"smtp://127.0.0.1:{smtp}"
    with cluster.deployments() as specs:
        code, text = cluster.finish("migrate", cluster.one("Job"), 60)
        assert code == 0, text
        found = Installation(cluster, specs)
        for target, spec in specs.items():
            servers.until(lambda: cluster.probe(target, spec, "readinessProbe")[0] == 200, 60, f"{target} ready: {cluster.tail(target)}")
        command = ["admin", "create", "--login", "admin@example.com", "--name", "First Administrator", "--lasting"]
        code, text = cluster.finish("identity", specs["identity"], 30, command, PASSWORD + "\n")
        assert code == 0, text
        found.sign_in()
        for service in ("identity", "permissions", "records", "notification"):
            found.until(lambda v: v == 0, 60, "portico_outbox_pending_events", service=service)
        for service, source in (("permissions", "records"), ("permissions", "identity"), ("notification", "records"), ("identity", "records")):
            found.until(lambda v: v == 0, 60, "portico_consumer_pending_messages", service=service, source=source)
        found.until(lambda v: v == 1, 30, "portico_mail_server_up")
        yield found


@test
def in_a_running_split_installation_each_failure_fires_its_alert_and_no_other():
    program(), promtool()
    with servers.postgres("failures") as database, servers.nats("failures") as bus, mail_catcher() as (smtp, mail_back, mail_away):
        with installation(database, bus, smtp) as portal:
            portal.watch()
            portal.fires()

            # The mail server goes away while there is something to send.
            mail_away()
            contact = portal.create("contacts", last_name="Waiting", email="waiting@example.com")
            today = time.strftime("%Y-%m-%d")
            portal.post(f"admin/contacts/{contact}/portal-access", {"support_start": today, "support_end": f"{int(today[:4]) + 1}{today[4:-2]}01"})
            portal.until(lambda v: v == 0, 30, "portico_mail_server_up")
            portal.until(lambda v: v >= 1, 30, "portico_notification_waiting_deliveries")
            portal.watch()
            portal.fires(("PorticoMailServerAway", "page", {}))
            portal.ready()
            mail_back()
            portal.until(lambda v: v == 1, 60, "portico_mail_server_up")
            portal.until(lambda v: v == 0, 60, "portico_notification_waiting_deliveries")

            # The bus has another history than the log of records.
            password = (bus.secrets / "records-nats-url").read_text().split(":")[2].split("@")[0]
            assert Bus(bus.port, "records", password).answer("PUB portico.v1.records.tickets.created 2\r\n{}") == ""
            portal.until(lambda v: v == 1, 30, "portico_relay_diverged", service="records")
            portal.watch()
            portal.fires(("PorticoBusDiverged", "page", {"service": "records"}))
            portal.ready()
            portal.create("tickets", title="Although the bus has another history")
            # The way on, as the operator has it: the chart's Job.
            job = next(item for item in objects("split", "--set", "newEpoch.service=records", kind="Job") if "new-epoch" in item["metadata"]["name"])
            code, text = portal.cluster.finish("new-epoch", job["spec"]["template"]["spec"], 60)
            assert code == 0 and "records is in epoch 2" in text, f"{code} {text}"
            portal.until(lambda v: v == 0, 60, "portico_relay_diverged", service="records")
            portal.until(lambda v: v == 0, 60, "portico_outbox_pending_events", service="records")
            portal.until(lambda v: v == 0, 60, "portico_consumer_pending_messages", service="permissions", source="records")
            portal.watch()
            portal.fires()

            # A consumer can't move on.
            inbox = "update on permissions_log.inbox {} portico_permissions"
            assert database.psql("-c", "revoke " + inbox.format("from")).returncode == 0
            portal.create("contacts", last_name="Unheard", email="unheard@example.com")
            portal.until(lambda v: v >= 1, 30, "portico_consumer_pending_messages", service="permissions", source="records")
            portal.watch()
            portal.fires(("PorticoConsumerLagging", "page", {"service": "permissions"}))
            portal.ready()
            assert database.psql("-c", "grant " + inbox.format("to")).returncode == 0
            portal.until(lambda v: v == 0, 60, "portico_consumer_pending_messages", service="permissions", source="records")

            # NATS goes away, and records starts anew while it is.
            bus.stop()
            portal.create("contacts", last_name="Without the bus", email="without@example.com")
            process, _ = portal.cluster.running["records"]
            assert servers.end(process, within=30) == 0
            portal.cluster.running["records"] = portal.cluster.start("records", portal.specs["records"])
            portal.until(lambda v: v >= 1, 60, "portico_outbox_pending_events", service="records")
            portal.until(lambda v: v >= 1, 60, "portico_consumer_pending_messages", service="permissions", source="records")
            portal.until(lambda v: v > 30, 60, "portico_outbox_oldest_event_age_seconds", service="records")
            portal.watch()
            portal.fires(("PorticoOutboxStuck", "page", {"service": "records"}), ("PorticoConsumerLagging", "page", {"service": "permissions"}))
            portal.ready()
            portal.create("tickets", title="Although NATS is away")
            bus.start()
            for service in ("records", "identity", "permissions", "notification"):
                portal.until(lambda v: v == 0, 60, "portico_outbox_pending_events", service=service)
            portal.until(lambda v: v == 0, 60, "portico_consumer_pending_messages", service="permissions", source="records")

            # A target ends.
            portal.ticks = [portal.scrape()]
            before = portal.ticks
            servers.end(portal.cluster.running["notification"][0], signal.SIGKILL)
            portal.watch()
            portal.ticks = before + portal.ticks
            portal.fires(("PorticoTargetDown", "page", {"target": "notification"}))
