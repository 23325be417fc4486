"""A mail catcher for development and tests: takes every mail over SMTP, keeps it, shows it.

    PYTHONPATH=<aiosmtpd> MAILCATCHER_KEY=K python3 mailcatcher.py --directory D --smtp-port N --web-port N

Each mail is D/<id>.eml, exactly as received, beside D/<id>.json with its envelope; only this user can read them. Both
ports are on 127.0.0.1, where every user of the machine can connect, so each path on the web port begins with /K:

    GET /                    the mails for people
    GET /messages            the mails as JSON: id, from, to, subject, text, html, headers, received_at
    GET /messages/<id>.eml   one mail as received
    DELETE /messages         forgets all
    GET, POST /mode          {"reply": "250"|"451"|"550", "when": "connect"|"utf8"|"rcpt"|"data", "hang_seconds": N,
                             "count": N}
                             how to answer there, after a wait, for the next N times; null is normal. At "utf8" every
                             answer but 250 means that the extension SMTPUTF8 is not offered; nothing waits there

A mail that is accepted at "data" is kept before the wait: it has arrived although the sender hears nothing.
"""

import argparse
import asyncio
import datetime
import email
import email.policy
import html
import http.server
import json
import os
import pathlib
import re
import secrets
import threading
import time

from aiosmtpd.smtp import SMTP, AuthResult

TEXTS = {"250": "OK", "451": "Try again later", "550": "Refused"}
STEPS = ("connect", "utf8", "rcpt", "data")


class Store:
    """The mails in a directory; there is no other state, so a killed catcher loses nothing that it accepted."""

    def __init__(self, directory):
        self.directory = directory
        # Mails come in and are forgotten in different threads; one that is half forgotten could never be read again.
        self.lock = threading.Lock()
        directory.mkdir(parents=True, exist_ok=True)

    def keep(self, envelope):
        now = time.time_ns()
        name = f"{now:019d}-{secrets.token_hex(3)}"
        received = datetime.datetime.fromtimestamp(now / 1e9, datetime.timezone.utc)
        facts = {
            "from": envelope.mail_from or "",
            "to": envelope.rcpt_tos,
            "received_at": received.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        with self.lock:
            self.write(f"{name}.json", json.dumps(facts).encode())
            # A mail is there when its .eml is there, so that one comes last.
            self.write(f"{name}.eml", envelope.original_content)

    def write(self, name, content):
        fresh = self.directory / f".{name}.new"
        with open(fresh, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self.directory / name)

    def names(self):
        return sorted(path.stem for path in self.directory.glob("*.eml"))

    def raw(self, name):
        return (self.directory / f"{name}.eml").read_bytes()

    def read(self, name):
        message = email.message_from_bytes(self.raw(name), policy=email.policy.default)
        headers = {}
        for key, value in message.items():
            headers[key] = f"{headers[key]}\n{value}" if key in headers else str(value)
        facts = json.loads((self.directory / f"{name}.json").read_text())
        return {
            "id": name,
            **facts,
            "subject": str(message.get("subject", "")),
            "text": part(message, "plain"),
            "html": part(message, "html"),
            "headers": headers,
        }

    def all(self):
        with self.lock:
            return [self.read(name) for name in self.names()]

    def clear(self):
        with self.lock:
            for pattern in ("*.eml", "*.json"):
                for path in self.directory.glob(pattern):
                    path.unlink(missing_ok=True)


def part(message, kind):
    body = message.get_body(preferencelist=(kind,))
    return body.get_content() if body is not None else ""


class Mode:
    """How to answer; set by the web server's threads, used by the SMTP loop."""

    def __init__(self):
        self.lock = threading.Lock()
        self.value = None

    def set(self, value):
        if value is not None:
            value = {"reply": "250", "when": "data", "hang_seconds": 0, "count": None, **value}
            if set(value) != {"reply", "when", "hang_seconds", "count"}:
                raise ValueError("a mode has reply, when, hang_seconds and count")
            if value["reply"] not in TEXTS or value["when"] not in STEPS:
                raise ValueError("reply is 250, 451 or 550; when is connect, utf8, rcpt or data")
        with self.lock:
            self.value = value

    def take(self, step):
        """The answer and the wait for this step, counted as used."""
        with self.lock:
            if self.value is None or self.value["when"] != step:
                return "250", 0
            reply, hang = self.value["reply"], self.value["hang_seconds"]
            if self.value["count"] is not None:
                self.value["count"] -= 1
                if self.value["count"] <= 0:
                    self.value = None
            return reply, hang


class Catcher:
    """What aiosmtpd calls for each step of a conversation."""

    def __init__(self, store, mode):
        self.store, self.mode = store, mode

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply, hang = self.mode.take("rcpt")
        await asyncio.sleep(hang)
        if reply == "250":
            envelope.rcpt_tos.append(address)
        return f"{reply} {TEXTS[reply]}"

    async def handle_DATA(self, server, session, envelope):
        reply, hang = self.mode.take("data")
        if reply == "250":
            self.store.keep(envelope)
        await asyncio.sleep(hang)
        return f"{reply} {TEXTS[reply]}"


class Conversation(SMTP):
    """Adds the step that aiosmtpd has no hook for: the greeting."""

    async def _handle_client(self):
        reply, hang = self.event_handler.mode.take("connect")
        await asyncio.sleep(hang)
        if reply == "250":
            await super()._handle_client()
        else:
            await self.push(f"{reply.replace('550', '554')} {TEXTS[reply]}")
            self.transport.close()


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Caught mail</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }}
article {{ border-top: 1px solid; padding: 1rem 0; }}
h1, h2 {{ font-size: 1.25rem; margin: 0; }} p {{ margin: .25rem 0; }}
pre {{ font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }}
</style></head><body><h1>Caught mail</h1><p>{count} so far, the newest first. None of it left this machine.</p>
{mails}</body></html>"""

MAIL = """<article><h2>{subject}</h2><p>To {to}, from {sender}, <time datetime="{at}">{at}</time>,
<a href="/{key}/messages/{id}.eml">as received</a></p><pre>{text}</pre></article>"""


def page(mails, key):
    def show(mail):
        text = html.escape(mail["text"] or mail["html"])
        # Escaping has already made quotes and angle brackets harmless inside the attribute.
        text = re.sub(r"https?://[^\s<>&\"']+(?:&amp;[^\s<>&\"']+)*", r'<a href="\g<0>">\g<0></a>', text)
        return MAIL.format(
            subject=html.escape(mail["subject"] or "(no subject)"),
            to=html.escape(", ".join(mail["to"])),
            sender=html.escape(mail["from"]),
            at=html.escape(mail["received_at"]),
            id=html.escape(mail["id"]),
            key=key,
            text=text,
        )

    return PAGE.format(count=len(mails), mails="\n".join(show(mail) for mail in reversed(mails)))


def web_handler(store, mode, port, key):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            mail = re.fullmatch(r"/messages/([0-9a-f-]+)\.eml", self.path)
            if self.path == "/":
                mails = store.all()
                self.answer(200, "text/html; charset=utf-8", page(mails, key).encode())
            elif self.path == "/messages":
                self.answer_json(store.all())
            elif self.path == "/mode":
                self.answer_json(mode.value)
            elif mail and mail[1] in store.names():
                self.answer(200, "text/plain; charset=utf-8", store.raw(mail[1]))
            else:
                self.answer(404, "text/plain", b"not found\n")

        def do_DELETE(self):
            if self.path == "/messages":
                store.clear()
                self.answer(204, "text/plain", b"")
            else:
                self.answer(404, "text/plain", b"not found\n")

        def do_POST(self):
            try:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path != "/mode":
                    self.answer(404, "text/plain", b"not found\n")
                    return
                mode.set(json.loads(body))
                self.answer_json(mode.value)
            except (ValueError, TypeError) as error:
                self.answer(400, "text/plain; charset=utf-8", f"{error}\n".encode())

        def parse_request(self):
            # The mails hold sign-in links: another site's page must not reach them by a name that leads to 127.0.0.1.
            if not super().parse_request():
                return False
            if self.headers.get("Host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
                self.answer(421, "text/plain", b"ask for 127.0.0.1 or localhost\n")
                return False
            given, _, rest = self.path.removeprefix("/").partition("/")
            if not secrets.compare_digest(given.encode(), key.encode()):
                self.answer(404, "text/plain", b"not found\n")
                return False
            self.path = f"/{rest}"
            return True

        def answer_json(self, value):
            self.answer(200, "application/json", json.dumps(value).encode())

        def answer(self, status, kind, body):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


async def main():
    parser = argparse.ArgumentParser(description="Takes every mail over SMTP, keeps it, shows it.")
    parser.add_argument("--directory", required=True, type=pathlib.Path)
    parser.add_argument("--smtp-port", required=True, type=int)
    parser.add_argument("--web-port", required=True, type=int)
    arguments = parser.parse_args()
    key = os.environ["MAILCATCHER_KEY"]
    os.umask(0o077)
    store, mode = Store(arguments.directory), Mode()

    def conversation():
        return Conversation(
            Catcher(store, mode),
            enable_SMTPUTF8=mode.take("utf8")[0] == "250",
            data_size_limit=64 << 20,
            auth_require_tls=False,
            authenticator=lambda *_: AuthResult(success=True),
        )

    smtp = await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", arguments.smtp_port)
    web = http.server.ThreadingHTTPServer(
        ("127.0.0.1", arguments.web_port), web_handler(store, mode, arguments.web_port, key)
    )
    web.daemon_threads = True
    threading.Thread(target=web.serve_forever, daemon=True).start()
    await smtp.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
