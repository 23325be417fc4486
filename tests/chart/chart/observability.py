"""Alerts, runbooks and dashboards: every metric is one that the product serves, every alert has a page that helps."""

import json
import re
import shutil

import yaml

from .harness import CACHE, CHART, ROOT, NotRun, objects, rendered, run, scratch, test

HEADINGS = ["## Meaning", "## Impact", "## Diagnosis", "## Mitigation"]

# Of Prometheus itself and of kube-state-metrics.
FOREIGN = {"up", "kube_job_status_failed"}


def served():
    """The names under which the program's metrics appear, read from where the code registers them."""
    found = set(FOREIGN)
    for path in sorted((ROOT / "services").rglob("src/**/*.rs")):
        text = path.read_text()
        for unit, name, rest in re.findall(r'\.?register(_with_unit)?\(\s*"([a-z_]+)",(.*?)\);', text, flags=re.S):
            full = name + ("_" + re.search(r"Unit::(\w+)", rest)[1].lower() if unit else "")
            # Which of these exist depends on the kind: gauge, counter, histogram.
            found |= {full, f"{full}_total", f"{full}_bucket", f"{full}_count", f"{full}_sum"}
    assert "http_server_request_duration_seconds_bucket" in found, "no metric found in services/"
    return found


def groups():
    return [group for path in sorted((CHART / "rules").glob("*.yaml")) for group in yaml.safe_load(path.read_text())["groups"]]


def rules(kind):
    return [rule for group in groups() for rule in group["rules"] if kind in rule]


def dashboards():
    return {path.name: json.loads(path.read_text()) for path in sorted((CHART / "dashboards").glob("*.json"))}


def expressions():
    """(where, PromQL) of every rule and panel, with Grafana's variables replaced."""
    for rule in rules("expr"):
        yield rule.get("alert") or rule["record"], rule["expr"]
    for name, dashboard in dashboards().items():
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                yield f"{name}: {panel['title']}", target["expr"].replace("$__rate_interval", "5m").replace("$namespace", "portal")


def promtool():
    path = shutil.which("promtool") or CACHE / "prometheus-debian/usr/bin/promtool"
    if not shutil.which(str(path)):
        raise NotRun("promtool is missing (Debian package prometheus)")
    return path


@test
def every_metric_in_a_rule_or_panel_is_served():
    recorded = {rule["record"] for rule in rules("record")}
    metrics = served() | recorded
    for where, expression in expressions():
        bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|on|without|ignoring) *\([^)]*\)', " ", expression)
        for name in re.findall(r"[a-z_:][a-z0-9_:]*", bare):
            called = re.search(rf"\b{re.escape(name)} *\(", bare)
            if called or name in ("and", "or", "unless", "sum", "max", "count", "by", "on", "for"):
                continue
            assert name in metrics, f"{where}: {name} is no metric of the program"


@test
def every_alert_has_a_runbook_with_its_four_parts():
    alerts = {rule["alert"] for rule in rules("alert")}
    assert len(alerts) >= 8
    for rule in rules("alert"):
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert rule["annotations"]["summary"] and rule["annotations"]["description"], rule["alert"]
        assert rule["annotations"]["runbook_url"] == f"runbooks/{rule['alert']}.md"
    pages = {path.stem: path.read_text() for path in (CHART / "runbooks").glob("*.md")}
    assert set(pages) == alerts, set(pages) ^ alerts
    for name, text in pages.items():
        assert re.findall(r"(?m)^## .*$", text) == HEADINGS, f"{name}.md"
        for part in re.split(r"(?m)^## .*$", text)[1:]:
            assert len(part.strip()) > 40, f"{name}.md has an empty part"


@test
def the_rules_reach_the_cluster_with_the_address_of_their_runbooks():
    base = "https://example.com/portico/"
    item = objects("split", "--set", f"metrics.prometheusRule.runbookBaseUrl={base}", kind="PrometheusRule")[0]
    found = [rule for group in item["spec"]["groups"] for rule in group["rules"]]
    assert len(found) == len(rules("expr"))
    for rule in found:
        if "alert" in rule:
            assert rule["annotations"]["runbook_url"] == f"{base}runbooks/{rule['alert']}.md"
            # Prometheus' own templates must come through as they are.
            assert "{{ $" in rule["annotations"]["description"], rule["alert"]
    assert not objects("default-all", "--set", "metrics.prometheusRule.enabled=true", kind="PrometheusRule"), "the cluster does not know the kind"
    known = objects("default-all", "--set", "metrics.prometheusRule.enabled=true", "--api-versions", "monitoring.coreos.com/v1", kind="PrometheusRule")
    assert len(known) == 1


@test
def promtool_accepts_the_rules_and_the_dashboards():
    program = promtool()
    result = run(program, "check", "rules", *sorted((CHART / "rules").glob("*.yaml")))
    assert result.returncode == 0, result.stdout + result.stderr
    listed = [{"record": f"portico:panel:number{number}", "expr": expression} for number, (_, expression) in enumerate(expressions())]
    path = scratch() / "panels.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": listed}]}))
    result = run(program, "check", "rules", path)
    assert result.returncode == 0, result.stdout + result.stderr
    listed[0]["expr"] += ")"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": listed}]}))
    assert run(program, "check", "rules", path).returncode != 0, "promtool accepts a bracket too many"


@test
def alerts_fire_when_they_should_and_only_then():
    here = scratch() / "alerts"
    here.mkdir()
    shutil.copy(CHART.parents[1] / "tests/chart/alerts_test.yaml", here)
    for path in (CHART / "rules").glob("*.yaml"):
        shutil.copy(path, here)
    result = run(promtool(), "test", "rules", here / "alerts_test.yaml")
    assert result.returncode == 0, result.stdout + result.stderr
    tested = (here / "alerts_test.yaml").read_text()
    for rule in rules("alert"):
        assert f"alertname: {rule['alert']}\n" in tested, f"{rule['alert']} is not tested"


@test
def dashboards_are_whole():
    uids = [dashboard["uid"] for dashboard in dashboards().values()]
    assert uids and len(uids) == len(set(uids))
    for name, dashboard in dashboards().items():
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(ids) == len(set(ids)), name
        for panel in dashboard["panels"]:
            where = f"{name}: {panel['title']}"
            assert panel["description"] and panel["fieldConfig"]["defaults"]["unit"] and panel["targets"], where
            assert panel["datasource"]["uid"] == "${datasource}", where
            grid = panel["gridPos"]
            assert grid["x"] + grid["w"] <= 24, where
            for link in panel.get("links", []):
                page = link["url"].removeprefix("${runbooks}")
                assert (CHART / "runbooks" / page).exists(), f"{where}: {page}"
    maps = [item for item in objects("split", kind="ConfigMap") if "grafana_dashboard" in item["metadata"].get("labels", {})]
    assert {key: json.loads(text) for item in maps for key, text in item["data"].items()} == dashboards()


@test
def prometheus_finds_the_pods_that_serve_metrics():
    monitor = objects("split", kind="PodMonitor")[0]["spec"]
    assert monitor["podMetricsEndpoints"][0]["port"] == "admin"
    assert monitor["selector"]["matchExpressions"][0] == {"key": "app.kubernetes.io/component", "operator": "NotIn", "values": ["migrate", "new-epoch", "doctor"]}
    assert monitor["selector"]["matchLabels"] == {"app.kubernetes.io/name": "portico", "app.kubernetes.io/instance": "portal"}
    text = rendered("default-all", "--set", "metrics.annotations=true")
    assert 'prometheus.io/port: "9090"' in text and "PodMonitor" not in text
