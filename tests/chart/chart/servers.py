"""The real Postgres and NATS, set up as deploy/compose does, on free ports of this machine."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import types

from .harness import CACHE, DEPLOY, run, scratch

NATS = CACHE / "nats-2.15.1/nats-server"
NOBODY = 65534


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end(process, sent=signal.SIGTERM, within=10):
    """Ends a process that this run started, by its id; returns its exit code, None when it had to be killed."""
    process.send_signal(sent)
    try:
        return process.wait(timeout=within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=10)
        return None


def until(condition, within, what):
    """Waits for a condition; the error says what was waited for."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(0.05)


def made_secrets(name):
    """A fresh set of the secrets that deploy/compose/new-secrets makes."""
    path = scratch() / name
    result = run(DEPLOY / "compose/new-secrets", path)
    assert result.returncode == 0, result.stderr
    return path


@contextlib.contextmanager
def nats(name):
    """A server with deploy/compose/nats.conf: port, secrets, the directory of its configuration, and its process."""
    secrets = made_secrets(f"{name}-bus-secrets")
    folder = scratch() / f"{name}-bus"
    folder.mkdir()
    (folder / "nats.conf").write_text((DEPLOY / "compose/nats.conf").read_text().replace("/data", str(folder / "data")))
    (folder / "nats-accounts.conf").write_text((DEPLOY / "compose/nats-accounts.conf").read_text())
    for name in ("nats-passwords.conf", "nats-programs.conf"):
        (folder / name).write_text((secrets / name).read_text())
    port = free_port()
    log = folder / "log"
    found = types.SimpleNamespace(port=port, secrets=secrets, folder=folder, process=None)

    def start():
        command = [NATS, "--config", folder / "nats.conf", "--port", str(port), "--addr", "127.0.0.1"]
        with log.open("w") as output:
            found.process = subprocess.Popen(command, stdout=output, stderr=output)
        until(lambda: found.process.poll() is not None or "Server is ready" in log.read_text(), 20, "NATS")
        assert found.process.poll() is None, log.read_text()

    found.start, found.stop = start, lambda: end(found.process)
    try:
        start()
        yield found
    finally:
        if found.process and found.process.poll() is None:
            found.stop()


@contextlib.contextmanager
def postgres(name):
    """A server with the owner `portico`, its database and the roles of deploy/compose/postgres-roles.sql: port, secrets and psql."""
    secrets = made_secrets(f"{name}-secrets")
    folder = scratch() / f"{name}-postgres"
    folder.mkdir()
    programs, identity = CACHE / "pg-18.6/bin", {}
    if os.getuid() == 0:
        # Postgres refuses to be root, and another user can't be expected to reach the cache in root's home.
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        os.chmod(scratch(), 0o711)
        os.chown(folder, NOBODY, NOBODY)
        shutil.copytree(CACHE / "pg-18.6", folder / "programs", symlinks=True)
        programs = folder / "programs/bin"
    port = free_port()
    data = folder / "data"
    result = run(programs / "initdb", "-D", data, "-U", "portico", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", cwd=folder, **identity)
    assert result.returncode == 0, result.stderr
    command = [programs / "postgres", "-D", data, "-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **identity)

    def psql(*arguments, url=f"postgres://portico@/portico?host={folder}&port={port}"):
        return run(programs / "psql", "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-d", url, *arguments, cwd=folder)

    def url(role):
        """A role's connection as the secrets have it, with this server's address."""
        text = (secrets / role).read_text()
        return re.sub(r"@postgres:5432", f"@127.0.0.1:{port}", text)

    try:
        first = f"postgres://portico@/postgres?host={folder}&port={port}"
        until(lambda: server.poll() is not None or psql("-c", "select 1", url=first).returncode == 0, 20, "Postgres")
        assert server.poll() is None, "Postgres did not start"
        assert psql("-c", "create database portico", url=first).returncode == 0
        password = (secrets / "database-password").read_text()
        assert psql("-c", f"alter role portico password '{password}'").returncode == 0
        result = psql("-f", secrets / "roles.sql")
        assert result.returncode == 0, result.stderr
        yield types.SimpleNamespace(port=port, secrets=secrets, psql=psql, url=url)
    finally:
        # Ends open connections; the data directory is thrown away.
        end(server, signal.SIGINT)
