"""Who may talk to whom: the network policies are exactly the call graph."""

from .harness import EXAMPLES, SERVICES, TARGETS, by_component, environment, matches, objects, pods, test

# The call graph: caller → called. Whoever hears a service's events may read its log from behind, and every service asks
# identity for the keys that verify actor tokens.
CALLS = {
    "gateway": {"identity", "permissions", "records", "notification"},
    "identity": {"records"},
    "permissions": {"identity", "records"},
    "records": {"identity", "permissions"},
    "notification": {"identity", "records"},
    "doctor": set(SERVICES),
}
GRPC, HTTP, ADMIN = 7070, 8080, 9090


def of(peer):
    return peer.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/component")


def edges(policies, direction, key, port):
    """component → components on the other side of a port, None standing for a peer outside of the release."""
    found = {}
    for name, policy in policies.items():
        for rule in policy["spec"].get(direction, []):
            if port in [entry["port"] for entry in rule["ports"]]:
                found.setdefault(name, set()).update(of(peer) for peer in rule[key])
    return found


@test
def network_policies_allow_the_call_graph_and_nothing_else():
    for example in ("split", "ha"):
        policies = by_component(objects(example, kind="NetworkPolicy"))
        outgoing = edges(policies, "egress", "to", GRPC)
        assert outgoing == CALLS, f"{example}: {outgoing}"
        incoming = edges(policies, "ingress", "from", GRPC)
        assert incoming == {called: {caller for caller in CALLS if called in CALLS[caller]} for called in SERVICES}, f"{example}: {incoming}"
    # In one process nobody calls from outside but the doctor.
    together = by_component(objects("default-all", kind="NetworkPolicy"))
    assert edges(together, "egress", "to", GRPC) == {"doctor": {"all"}}
    assert edges(together, "ingress", "from", GRPC) == {"all": {"doctor"}}


@test
def the_addresses_in_the_environment_are_the_call_graph():
    for example in EXAMPLES:
        services = {item["metadata"]["name"] for item in objects(example, kind="Service")}
        for item, metadata, spec in pods(example):
            if item["kind"] == "Job":
                continue
            name = metadata["labels"]["app.kubernetes.io/component"]
            addresses = {key: value for key, value in environment(spec["containers"][0]).items() if key.endswith("_ADDR")}
            assert set(addresses) == {f"PORTICO_{called.upper()}_ADDR" for called in CALLS.get(name, ())}, name
            for value in addresses.values():
                host, port = value.removeprefix("http://").split(":")
                assert host in services and port == str(GRPC), value


@test
def every_pod_has_one_policy_that_closes_both_directions():
    for example in EXAMPLES:
        policies = objects(example, kind="NetworkPolicy")
        for item, metadata, _ in pods(example):
            own = [policy for policy in policies if matches(policy["spec"]["podSelector"]["matchLabels"], metadata["labels"])]
            assert len(own) == 1, f"{item['metadata']['name']} has {len(own)} policies"
            assert own[0]["spec"]["policyTypes"] == ["Ingress", "Egress"]


# What each pod may reach outside of the release, by port.
OUTSIDE = {
    "gateway": {53, 4222},
    "identity": {53, 5432, 4222},
    "permissions": {53, 5432, 4222},
    "records": {53, 5432, 4222},
    "notification": {53, 5432, 4222, 25, 465, 587},
    "all": {53, 5432, 4222, 25, 465, 587},
    "migrate": {53, 5432},
    "doctor": {53, 5432, 4222},
}


@test
def each_pod_reaches_only_the_systems_that_it_needs():
    for example in EXAMPLES:
        for name, policy in by_component(objects(example, kind="NetworkPolicy")).items():
            ports = {entry["port"] for rule in policy["spec"]["egress"] for entry in rule["ports"]}
            traces = {4317} if example == "split" and name in TARGETS else set()
            assert ports - {GRPC, HTTP} == OUTSIDE[name] | traces, f"{example} {name}: {ports}"
            for rule in policy["spec"]["egress"]:
                inside = {GRPC, HTTP} & {entry["port"] for entry in rule["ports"]}
                assert not inside or all(of(peer) for peer in rule["to"]), f"{name} may call ports {inside} anywhere"


@test
def the_job_for_a_new_epoch_reaches_the_database_and_the_bus_only():
    policy = by_component(objects("split", "--set", "newEpoch.service=records", kind="NetworkPolicy"))["new-epoch"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"] and "ingress" not in policy
    assert {entry["port"] for rule in policy["egress"] for entry in rule["ports"]} == {53, 5432, 4222}


@test
def people_reach_the_gateway_and_prometheus_the_metrics_and_nobody_else_anything():
    for example in EXAMPLES:
        for name, policy in by_component(objects(example, kind="NetworkPolicy")).items():
            rules = {rule["ports"][0]["port"]: rule for rule in policy["spec"].get("ingress", [])}
            assert (HTTP in rules) == (name in ("gateway", "all")), name
            assert (ADMIN in rules) == (example == "split" and name in TARGETS), name
            if ADMIN in rules:
                assert all("namespaceSelector" in peer for peer in rules[ADMIN]["from"])
    split = by_component(objects("split", kind="NetworkPolicy"))["gateway"]["spec"]["ingress"][0]
    assert len(split["from"]) == 2, "the peers of networkPolicy.allowFrom and the test pod"
    database = by_component(objects("split", kind="NetworkPolicy"))["migrate"]["spec"]["egress"][1]
    assert database["to"] == [{"ipBlock": {"cidr": "10.20.0.0/16"}}]


@test
def network_policies_can_be_left_out():
    assert not objects("split", "--set", "networkPolicy.enabled=false", kind="NetworkPolicy")
