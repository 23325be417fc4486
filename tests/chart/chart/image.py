"""The image's last stage, built with buildah and started. The builder stages need images from a registry; they are not run
here."""

import json
import os
import pathlib
import shutil
import uuid

from .harness import DEPLOY, ROOT, NotRun, run, scratch, test


def buildah(*arguments):
    environment = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
    # Its own store, so that nothing stays behind.
    store = scratch() / "containers"
    result = run("buildah", "--root", store / "root", "--runroot", store / "run", *arguments, env=environment)
    assert result.returncode == 0, f"buildah {arguments[0]}: {result.stderr.strip()}"
    return result.stdout.strip()


def program(folder):
    """The program of the image: a static build of portico if there is one, else the stand-in."""
    named = os.environ.get("PORTICO_TEST_STATIC_BINARY")
    built = ROOT / "target/x86_64-unknown-linux-musl/release/portico"
    for path in [pathlib.Path(named)] if named else [built]:
        if path.is_file():
            return path, True
    assert not named, f"PORTICO_TEST_STATIC_BINARY={named} is no file"
    if not shutil.which("rustc"):
        raise NotRun("neither a static portico nor rustc is there")
    path = folder / "stand_in"
    result = run("rustc", "--edition", "2024", "-C", "target-feature=+crt-static", "-C", "strip=symbols", "-o", path, ROOT / "tests/chart/image/stand_in.rs", cwd=folder)
    assert result.returncode == 0, result.stderr
    return path, False


@test
def the_last_stage_of_the_image_builds_and_starts():
    if not shutil.which("buildah"):
        raise NotRun("buildah is missing (Debian package buildah)")
    if os.getuid() != 0:
        raise NotRun("buildah needs root for its chroot isolation, or user namespaces set up for this user")
    folder = scratch() / "image"
    out = folder / "out"
    (out / "usr/bin").mkdir(parents=True)
    (out / "etc/ssl/certs").mkdir(parents=True)
    (out / "usr/share/zoneinfo/Europe").mkdir(parents=True)
    path, real = program(folder)
    headers = run("readelf", "--dynamic", path).stdout
    assert "NEEDED" not in headers, f"{path} needs shared libraries:\n{headers}"
    shutil.copy(path, out / "usr/bin/portico")
    os.chmod(out / "usr/bin/portico", 0o755)
    for source in ("/etc/ssl/certs/ca-certificates.crt", "/usr/share/zoneinfo/Europe/Rome"):
        if pathlib.Path(source).exists():
            shutil.copy(source, out / source[1:])
        else:
            (out / source[1:]).write_bytes(b"")

    # The text of the last stage as it is; what it copies from the builder is a stage with the files above.
    text = (DEPLOY / "Dockerfile").read_text()
    last = text[text.rindex("\nFROM ") + 1 :]
    (folder / "Dockerfile").write_text(f"FROM scratch AS build\nCOPY out /out\n\n{last}")
    tag = f"portico-test-{uuid.uuid4().hex[:8]}"
    buildah("build", "--build-arg", "REVISION=abc", "--tag", tag, "--file", folder / "Dockerfile", folder)

    config = json.loads(buildah("inspect", "--type", "image", tag))["OCIv1"]["config"]
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["/usr/bin/portico"] and config["Cmd"] == ["serve", "--target", "all"]
    assert set(config["ExposedPorts"]) == {"8080", "7070", "9090"} or set(config["ExposedPorts"]) == {"8080/tcp", "7070/tcp", "9090/tcp"}
    assert config["Labels"]["org.opencontainers.image.revision"] == "abc"
    assert config["Labels"]["org.opencontainers.image.licenses"] == "AGPL-3.0-only"

    container = buildah("from", tag)
    if real:
        answer = buildah("run", container, "--", "portico", "--version")
        assert answer.startswith("portico "), answer
    else:
        answer = buildah("run", container, "--", "portico", "migrate")
        lines = dict(line.split(" ", 1) for line in answer.splitlines())
        expected = {
            "arguments": "migrate",
            "Uid:": "65532",
            "Gid:": "65532",
            "/bin/sh": "false",
            "/etc/ssl/certs/ca-certificates.crt": "true",
            "/usr/share/zoneinfo/Europe/Rome": "true",
            "writes": "false",
        }
        assert lines == expected, answer
