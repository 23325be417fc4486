"""Rendering: the same with both Helms, valid for every Kubernetes, no name too long."""

import json
import re
import shutil

import kubernetes_validate
import yaml

from .harness import CACHE, CHART, EXAMPLES, HELMS, TARGETS, NotRun, by_component, component, helm, matches, objects, pods, refused, rendered, run, scratch, test

KUBERNETES = ["1.30", "1.33", "1.37"]
# Kinds of other projects, checked by custom_objects_are_valid.
CUSTOM = {"HTTPRoute", "PodMonitor", "PrometheusRule"}
LONGEST = "a" * 53


@test
def both_helms_lint_every_example_strictly():
    for name, files in EXAMPLES.items():
        for version in HELMS:
            result = helm(version, "lint", "--strict", CHART, *[part for path in files for part in ("--values", path)])
            assert result.returncode == 0, f"{version} {name}: {result.stdout}{result.stderr}"


@test
def both_helms_render_the_same_bytes():
    for name in EXAMPLES:
        texts = [re.sub(r"\n\s*\n+", "\n", rendered(name, version=version)) for version in HELMS]
        assert texts[0] == texts[1], f"{name} differs between {' and '.join(HELMS)}"


@test
def every_object_is_valid_for_every_kubernetes():
    for name in EXAMPLES:
        for version in KUBERNETES:
            for item in objects(name, "--kube-version", f"{version}.0"):
                if item["kind"] not in CUSTOM:
                    # An unknown kind raises too: nothing goes by unchecked.
                    kubernetes_validate.validate(item, version, strict=True)


@test
def the_validator_finds_a_planted_fault():
    for plant in ("replica", "replicas"):
        item = json.loads(json.dumps(objects("split", kind="Deployment")[0]))
        item["spec"][plant] = "two"
        for version in KUBERNETES:
            try:
                kubernetes_validate.validate(item, version, strict=True)
            except kubernetes_validate.ValidationError:
                continue
            raise AssertionError(f"Kubernetes {version} accepts spec.{plant} = two")


CHECK_CUSTOM = """
import { readFileSync } from "node:fs";
import { HTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute";
import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import { PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
const kinds = { HTTPRoute, PodMonitor, PrometheusRule };
for (const item of JSON.parse(readFileSync(0, "utf8"))) {
  try { new kinds[item.kind](item).validate(); console.log("valid"); }
  catch (error) { console.log(String(error.message).split("\\n").join(" ")); }
}
"""


@test
def custom_objects_are_valid():
    models = CACHE / "kubernetes-models-1"
    if not models.exists():
        raise NotRun("the schemas of HTTPRoute, PodMonitor and PrometheusRule need npm")
    found = [item for name in EXAMPLES for item in objects(name) if item["kind"] in CUSTOM]
    assert {item["kind"] for item in found} == CUSTOM
    wrong = json.loads(json.dumps(found))
    for item in wrong:
        item["spec"] = {"rules": 5, "groups": 5, "selector": 5}
    for items, expected in ((found, True), (wrong, False)):
        result = run("node", "--input-type=module", "-e", CHECK_CUSTOM, cwd=models, input=json.dumps(items))
        answers = result.stdout.splitlines()
        assert len(answers) == len(items), result.stderr
        for item, answer in zip(items, answers):
            assert (answer == "valid") == expected, f"{item['kind']}: {answer}"


@test
def an_older_kubernetes_is_refused():
    for version in HELMS:
        assert "1.30" in refused("split", "--kube-version", "1.29.0", version=version)


@test
def the_templates_depend_on_nothing_but_the_values():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert "dependencies" not in chart and not (CHART / "charts").exists() and not (CHART / "crds").exists()
    banned = r"\b(lookup|rand(AlphaNum|Alpha|Numeric|Ascii|Bytes|Int)|uuidv4|now|date|genCA|genCA\w+|genPrivateKey|genSelfSignedCert\w*|genSignedCert\w*|htpasswd|bcrypt|getHostByName|env|expandenv)\b"
    for path in sorted((CHART / "templates").rglob("*")):
        if path.is_file():
            text = re.sub(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}", "", path.read_text(), flags=re.S)
            for action in re.findall(r"\{\{.*?\}\}", text, flags=re.S):
                outside = re.sub(r'"[^"]*"|\.[\w.]+', "", action)
                assert not re.search(banned, outside), f"{path.name}: {action}"
    for name in EXAMPLES:
        for item in objects(name):
            hook = item["metadata"].get("annotations", {}).get("helm.sh/hook")
            assert hook in (None, "test"), f"{item['kind']} {item['metadata']['name']} is a {hook} hook"
            assert "ttlSecondsAfterFinished" not in item.get("spec", {})


def names(item):
    yield item["metadata"]["name"]
    yield from item["metadata"].get("labels", {}).values()
    for port in item.get("spec", {}).get("ports", []) if item["kind"] == "Service" else []:
        assert len(port["name"]) <= 15


@test
def every_name_fits_63_characters_with_the_longest_release_name():
    for name in EXAMPLES:
        for item in objects(name, release=LONGEST):
            for value in names(item):
                assert len(value) <= 63, f"{item['kind']}: {value}"
        for item, metadata, _ in pods(name, release=LONGEST):
            assert all(len(value) <= 63 for value in metadata["labels"].values()), item["metadata"]["name"]


@test
def no_two_objects_of_a_kind_share_a_name_even_between_long_releases():
    other = "a" * 52 + "b"
    for name in EXAMPLES:
        seen = set()
        for release in (LONGEST, other):
            for item in objects(name, release=release):
                identity = (item["kind"], item["metadata"]["name"])
                assert identity not in seen, f"{identity} twice"
                seen.add(identity)


@test
def every_object_is_in_the_namespace_and_has_the_recommended_labels():
    for name in EXAMPLES:
        for item in objects(name):
            if item["metadata"]["name"].endswith("-note"):
                continue  # an extra object of the example, which brings its own metadata
            assert item["metadata"]["namespace"] == "customers", item["metadata"]["name"]
            labels = item["metadata"]["labels"]
            assert {"name", "instance", "component", "version", "part-of", "managed-by"} <= {
                key.removeprefix("app.kubernetes.io/") for key in labels
            }, item["metadata"]["name"]


@test
def one_deployment_for_everything_or_one_for_each_target():
    assert sorted(by_component(objects("default-all", kind="Deployment"))) == ["all"]
    assert sorted(by_component(objects("split", kind="Deployment"))) == sorted(TARGETS)
    for example in EXAMPLES:
        for target, item in by_component(objects(example, kind="Deployment")).items():
            assert item["spec"]["template"]["spec"]["containers"][0]["args"] == ["serve", "--target", target]


@test
def selector_labels_are_what_they_have_always_been():
    """They are part of immutable fields: a change would break every upgrade. The golden file is never edited."""
    golden = yaml.safe_load((CHART.parents[1] / "tests/chart/golden/selectors.yaml").read_text())
    found = {item["metadata"]["name"]: item["spec"]["selector"]["matchLabels"] for example in ("default-all", "split") for item in objects(example, kind="Deployment")}
    assert found == golden, f"{found}"


@test
def every_service_reaches_a_port_of_its_pods():
    for example in EXAMPLES:
        running = [(metadata, spec) for item, metadata, spec in pods(example) if item["kind"] == "Deployment"]
        for service in objects(example, kind="Service"):
            spec = service["spec"]
            behind = [pod for metadata, pod in running if matches(spec["selector"], metadata["labels"])]
            assert len(behind) == 1, f"{service['metadata']['name']} selects {len(behind)} deployments"
            ports = {port["name"]: port["containerPort"] for port in behind[0]["containers"][0]["ports"]}
            for port in spec["ports"]:
                assert port["targetPort"] in ports, f"{service['metadata']['name']}: no port {port['targetPort']}"
            if component(service) != "gateway":
                # One virtual address would pin each HTTP/2 connection to one pod.
                assert spec["clusterIP"] == "None"


@test
def traffic_from_outside_goes_to_the_gateway():
    ingress = objects("split", kind="Ingress")[0]["spec"]
    assert ingress["tls"] == [{"hosts": ["portal.example.com"], "secretName": "portal-tls"}]
    rule = ingress["rules"][0]
    assert rule["host"] == "portal.example.com"
    assert rule["http"]["paths"][0]["backend"]["service"] == {"name": "portal-portico-gateway", "port": {"name": "http"}}
    route = objects("ha", kind="HTTPRoute")[0]["spec"]
    assert route["hostnames"] == ["portal.example.com"]
    assert [backend["name"] for entry in route["rules"] for backend in entry["backendRefs"]] == ["portal-portico-gateway"] * 2
    assert route["rules"][0]["timeouts"] == {"request": "0s"}, "the event stream must not be cut"


@test
def extra_objects_are_rendered():
    extra = [item for item in objects("split") if item["metadata"]["name"] == "portal-note"]
    assert len(extra) == 1


@test
def the_image_is_chosen_by_digest_then_tag_then_version():
    def image(example, *sets):
        found = {spec["containers"][0]["image"] for _, _, spec in pods(example, *sets)}
        assert len(found) == 1, f"several images: {found}"
        return found.pop()

    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
    assert image("default-all") == f"portico:{version}"
    assert image("default-all", "--set", "image.tag=9.9.9") == "portico:9.9.9"
    assert image("ha").startswith("registry.example.com/team/portico@sha256:")
    assert image("ha", "--set", "global.imageRegistry=mirror.example.com").startswith("mirror.example.com/team/portico@sha256:")


@test
def a_package_holds_everything_that_is_rendered():
    chart = scratch() / "package"
    shutil.copytree(CHART, chart / "portico")
    for version in HELMS:
        result = helm(version, "package", chart / "portico", "--destination", chart)
        assert result.returncode == 0, result.stderr
        packed = next(chart.glob("*.tgz"))
        assert rendered("split", version=version, chart=packed) == rendered("split", version=version)
        packed.unlink()


@test
def the_bus_accounts_reach_the_cluster_as_they_were_generated():
    maps = [item for item in objects("split", "--set", "nats.accountsConfigMap=true", kind="ConfigMap") if item["metadata"]["name"].endswith("nats-accounts")]
    assert [item["data"] for item in maps] == [{"nats-accounts.conf": (CHART / "files/nats-accounts.conf").read_text()}]
    assert not any(item["metadata"]["name"].endswith("nats-accounts") for item in objects("split", kind="ConfigMap"))
