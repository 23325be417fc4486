"""What every test of the chart uses: the register of tests, rendering with either Helm, and the parsed objects."""

import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
CHART = ROOT / "helm" / "portico"
DEPLOY = ROOT / "deploy"
CACHE = pathlib.Path(os.environ["PORTICO_CACHE"])
HELMS = {"Helm 3": CACHE / "helm-3.17.2/helm/helm", "Helm 4": CACHE / "helm-4.3.1/helm/helm"}

SERVICES = ["identity", "permissions", "records", "notification"]
TARGETS = ["gateway", *SERVICES]

# What each example is rendered with. ci/ha-values.yaml adds to values-ha.yaml what an installation must add.
EXAMPLES = {
    path.name.removesuffix("-values.yaml"): [*([CHART / "values-ha.yaml"] if path.name.startswith("ha-") else []), path]
    for path in sorted((CHART / "ci").glob("*-values.yaml"))
}

TESTS = []


class NotRun(Exception):
    """A test that this machine cannot run; the message says why."""


def test(function):
    TESTS.append(function)
    return function


@functools.cache
def scratch():
    """A directory of this run, removed at its end."""
    return pathlib.Path(tempfile.mkdtemp(prefix="portico-chart."))


def clean():
    if scratch.cache_info().currsize:
        shutil.rmtree(scratch(), ignore_errors=True)


def run(*command, **options):
    """Runs a program for at most two minutes; returns what it printed and its exit code."""
    return subprocess.run([str(part) for part in command], text=True, capture_output=True, timeout=120, **options)


def helm(version, *arguments):
    # Helm's own files stay in the run's directory.
    home = {name: str(scratch() / name.lower()) for name in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")}
    return run(HELMS[version], *arguments, env={**os.environ, **home})


@functools.cache
def rendered(example, *sets, version="Helm 4", release="portal", namespace="customers", chart=CHART):
    """The manifests of an example as text; sets are more arguments, such as --set a=b."""
    files = [part for path in EXAMPLES[example] for part in ("--values", path)]
    result = helm(version, "template", release, chart, "--namespace", namespace, *files, *sets)
    assert result.returncode == 0, f"{example} {' '.join(map(str, sets))}: {result.stderr.strip()}"
    return result.stdout


def refused(example, *sets, version="Helm 4"):
    """The message with which Helm refuses an example with more arguments."""
    files = [part for path in EXAMPLES[example] for part in ("--values", path)]
    result = helm(version, "template", "portal", CHART, *files, *sets)
    assert result.returncode != 0, f"{example} with {' '.join(sets)} was rendered"
    return result.stderr


@functools.cache
def _parsed(text):
    return [document for document in yaml.load_all(text, Loader=yaml.CSafeLoader) if document]


def objects(example, *sets, kind=None, **options):
    """The parsed objects of an example, all or of one kind."""
    return [item for item in _parsed(rendered(example, *sets, **options)) if kind in (None, item["kind"])]


def component(item):
    return item["metadata"]["labels"]["app.kubernetes.io/component"]


def by_component(items):
    found = {}
    for item in items:
        assert component(item) not in found, f"two objects of kind {item['kind']} for {component(item)}"
        found[component(item)] = item
    return found


def pods(example, *sets, **options):
    """(object, pod metadata, pod spec) of everything that runs: Deployments, the Job and the test pod."""
    for item in objects(example, *sets, **options):
        if item["kind"] in ("Deployment", "Job"):
            yield item, item["spec"]["template"]["metadata"], item["spec"]["template"]["spec"]
        elif item["kind"] == "Pod":
            yield item, item["metadata"], item["spec"]


def matches(selector, labels):
    return all(labels.get(key) == value for key, value in selector.items())


def environment(container):
    return {entry["name"]: entry.get("value") for entry in container.get("env", [])}
