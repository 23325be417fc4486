"""The pods: restricted, sized, probed, ended with patience."""

import re
import shutil

import yaml

from .harness import CHART, EXAMPLES, by_component, objects, pods, scratch, test


def memory(text):
    number, unit = re.fullmatch(r"([0-9.]+)(Ki|Mi|Gi)", text).groups()
    return float(number) * 1024 ** ["Ki", "Mi", "Gi"].index(unit)


@test
def every_pod_is_restricted():
    for example in EXAMPLES:
        for item, _, spec in pods(example):
            name = item["metadata"]["name"]
            assert spec["automountServiceAccountToken"] is False and spec["enableServiceLinks"] is False, name
            assert not {"hostNetwork", "hostPID", "hostIPC", "serviceAccountName", "initContainers"} & set(spec), name
            security = spec["securityContext"]
            assert security["runAsNonRoot"] is True and security["runAsUser"] == security["runAsGroup"] == 65532, name
            assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name
            for container in spec["containers"]:
                own = container["securityContext"]
                assert own == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}, name
            for volume in spec["volumes"]:
                assert set(volume) & {"projected", "emptyDir"}, f"{name}: {volume['name']}"
                if "emptyDir" in volume:
                    assert volume["emptyDir"] == {"medium": "Memory", "sizeLimit": "16Mi"}
    kinds = {item["kind"] for example in EXAMPLES for item in objects(example)}
    assert not kinds & {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ServiceAccount", "Secret"}, kinds


@test
def every_container_has_requests_twice_that_memory_as_limit_and_no_cpu_limit():
    for example in EXAMPLES:
        for item, _, spec in pods(example):
            for container in spec["containers"]:
                resources = container["resources"]
                assert set(resources["requests"]) == {"cpu", "memory"}, item["metadata"]["name"]
                assert set(resources["limits"]) == {"memory"}, item["metadata"]["name"]
                assert memory(resources["limits"]["memory"]) == 2 * memory(resources["requests"]["memory"])


@test
def the_grace_period_is_prestop_plus_drain_plus_five():
    for example, sets in (("split", ()), ("ha", ()), ("default-all", ("--set", "defaults.preStopSeconds=0", "--set", "targets.all.drainSeconds=40"))):
        for item, _, spec in pods(example, *sets):
            if item["kind"] != "Deployment":
                continue
            container = spec["containers"][0]
            stop = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            drain = next(int(entry["value"]) for entry in container["env"] if entry["name"] == "PORTICO_DRAIN_SECONDS")
            assert spec["terminationGracePeriodSeconds"] == stop + drain + 5, item["metadata"]["name"]


@test
def probes_ask_the_admin_port():
    for example in EXAMPLES:
        for item in objects(example, kind="Deployment"):
            container = item["spec"]["template"]["spec"]["containers"][0]
            assert {"name": "admin", "containerPort": 9090} in container["ports"]
            for probe, path in (("startupProbe", "/startupz"), ("readinessProbe", "/readyz"), ("livenessProbe", "/livez")):
                assert container[probe]["httpGet"] == {"path": path, "port": "admin"}
            startup = container["startupProbe"]
            assert startup["periodSeconds"] * startup["failureThreshold"] >= 300


@test
def a_roll_out_never_takes_away_what_serves():
    for example in EXAMPLES:
        for item in objects(example, kind="Deployment"):
            assert item["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
            assert item["spec"]["minReadySeconds"] == 5


@test
def disruption_budgets_exist_for_two_pods_and_more_only():
    assert sorted(by_component(objects("split", kind="PodDisruptionBudget"))) == ["gateway", "records"]
    assert not objects("default-all", kind="PodDisruptionBudget")
    assert sorted(by_component(objects("default-all", "--set", "targets.all.replicas=2", kind="PodDisruptionBudget"))) == ["all"]
    for example in EXAMPLES:
        deployments = by_component(objects(example, kind="Deployment"))
        for target, budget in by_component(objects(example, kind="PodDisruptionBudget")).items():
            assert budget["spec"]["selector"] == deployments[target]["spec"]["selector"]


@test
def an_autoscaled_deployment_has_no_number_of_pods():
    scalers = by_component(objects("ha", kind="HorizontalPodAutoscaler"))
    assert sorted(scalers) == ["gateway", "records"]
    for target, item in by_component(objects("ha", kind="Deployment")).items():
        assert ("replicas" in item["spec"]) == (target not in scalers)
        if target in scalers:
            assert scalers[target]["spec"]["scaleTargetRef"]["name"] == item["metadata"]["name"]


@test
def pods_are_spread_over_zones_and_nodes():
    for example, zone in (("split", "ScheduleAnyway"), ("ha", "DoNotSchedule")):
        for item in objects(example, kind="Deployment"):
            spread = {entry["topologyKey"]: entry for entry in item["spec"]["template"]["spec"]["topologySpreadConstraints"]}
            assert spread["topology.kubernetes.io/zone"]["whenUnsatisfiable"] == zone
            assert spread["kubernetes.io/hostname"]["whenUnsatisfiable"] == "ScheduleAnyway"
            for entry in spread.values():
                assert entry["matchLabelKeys"] == ["pod-template-hash"]
                assert entry["labelSelector"]["matchLabels"] == item["spec"]["selector"]["matchLabels"]


def checksums(*sets):
    return {item["metadata"]["name"]: item["spec"]["template"]["metadata"]["annotations"]["checksum/config"] for item in objects("split", *sets, kind="Deployment")}


@test
def a_changed_setting_rolls_the_pods():
    before = checksums()
    assert len(set(before.values())) == 1
    assert checksums("--set", "companyName=Another") != before
    assert checksums("--set", "service.port=81") == before


def job(*sets, chart=CHART):
    return objects("split", *sets, kind="Job", chart=chart)[0]


@test
def the_migration_job_keeps_its_name_until_what_it_runs_changes():
    before = job()
    assert re.fullmatch(r"portal-portico-migrate-[0-9a-f]{8}", before["metadata"]["name"])
    for same in ("companyName=Another", "targets.gateway.replicas=5", "otel.endpoint=http://other:4317", "networkPolicy.enabled=false"):
        assert job("--set", same)["metadata"]["name"] == before["metadata"]["name"], same
    seen = {before["metadata"]["name"]}
    for other in ("image.tag=0.2.0", "migrations.attempt=2", "postgres.migrations.existingSecret=another", "migrations.resources.requests.memory=96Mi"):
        name = job("--set", other)["metadata"]["name"]
        assert name not in seen, f"{other} does not change the name"
        seen.add(name)
    # A newer chart around the same image must leave the Job as it is, or the cluster would refuse the patch.
    newer = scratch() / "newer"
    shutil.copytree(CHART, newer / "portico")
    text = (newer / "portico/Chart.yaml").read_text()
    (newer / "portico/Chart.yaml").write_text(re.sub(r"(?m)^version: .*$", "version: 0.9.0", text))
    after = job(chart=newer / "portico")
    assert after["metadata"]["labels"]["helm.sh/chart"] == "portico-0.9.0"
    assert after["metadata"]["name"] == before["metadata"]["name"] and after["spec"] == before["spec"]


@test
def the_migration_is_an_ordinary_job():
    item = job()
    assert "annotations" not in item["metadata"]
    spec = item["spec"]
    assert spec["backoffLimit"] == 3 and spec["activeDeadlineSeconds"] == 1800
    container = spec["template"]["spec"]["containers"][0]
    assert container["args"] == ["migrate"] and "envFrom" not in container
    assert not objects("split", "--set", "migrations.enabled=false", kind="Job")


@test
def the_test_pod_runs_the_doctor():
    item = objects("split", kind="Pod")[0]
    assert item["metadata"]["annotations"]["helm.sh/hook"] == "test"
    assert item["spec"]["containers"][0]["args"] == ["doctor"]
    assert not objects("split", "--set", "doctor.enabled=false", kind="Pod")


@test
def target_settings_go_over_the_defaults():
    items = by_component(objects("split", "--set", "defaults.priorityClassName=portal", "--set", "targets.records.priorityClassName=portal-high", kind="Deployment"))
    classes = {target: item["spec"]["template"]["spec"]["priorityClassName"] for target, item in items.items()}
    assert classes == {target: "portal-high" if target == "records" else "portal" for target in items}
    gateway = items["gateway"]["spec"]["template"]
    assert gateway["metadata"]["labels"]["tier"] == "web"
    assert {"name": "RUST_BACKTRACE", "value": "1"} in gateway["spec"]["containers"][0]["env"]
    assert yaml.safe_load((CHART / "values.yaml").read_text())["targets"]["gateway"] == {"replicas": 2}
