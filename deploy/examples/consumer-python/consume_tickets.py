#!/usr/bin/env python3
"""Prints the life of every ticket, one line per event, each exactly once, however often it is stopped and started.

    portico events grant my-program --subjects 'portico.v1.records.tickets.>'
    python3 consume_tickets.py --nats nats://my-program:PASSWORD@127.0.0.1:4222 --state tickets.sqlite

Delivery is at least once: the same message may come again after a crash or a lost acknowledgement. So the effect (here
the printed line) and the memory of it are one step, and only then is the message acknowledged. `ce-sequence` counts the
events of one ticket without holes, which shows a repetition, and a message that was lost. `ce-epoch` is the epoch of the
log: after a restore it is another, the same numbers are then other events, and everything begins anew.
"""

import argparse
import asyncio
import os
import sqlite3
import sys
import time
import urllib.parse

import nats
from nats.errors import TimeoutError as NothingCame

STREAM = "PORTICO_RECORDS"
# Under which JetStream domain a program finds its consumer.
DOMAIN = "portico"


class Memory:
    """How far each ticket has been handled, in one small file."""

    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("pragma journal_mode = wal")
        self.db.execute("pragma synchronous = full")
        self.db.execute("create table if not exists ticket (id text primary key, sequence integer not null, event text not null)")
        self.db.execute("create table if not exists epoch (number integer not null)")

    def begin(self, epoch):
        """Forgets all tickets when the epoch is another: its log is another history. What was done for the former one stays
        done; a program with tables of its own would now compare or empty them."""
        row = self.db.execute("select number from epoch").fetchone()
        if row == (epoch,):
            return
        if row:
            print(f"epoch {epoch} follows {row[0]}: the history was replaced, starting over", file=sys.stderr, flush=True)
        self.db.executescript(f"begin; delete from ticket; delete from epoch; insert into epoch values ({epoch}); commit;")

    def last(self, ticket):
        """Sequence and id of the ticket's last handled event, or twice None if it was never seen."""
        return self.db.execute("select sequence, event from ticket where id = ?", (ticket,)).fetchone() or (None, None)

    def remember(self, ticket, sequence, event):
        self.db.execute("insert into ticket values (?, ?, ?) on conflict (id) do update set sequence = excluded.sequence, "
                        "event = excluded.event", (ticket, sequence, event))


async def handle(message, memory):
    header = message.headers
    ticket, event, sequence = header["ce-subject"], header["ce-id"], int(header["ce-sequence"])
    memory.begin(int(header["ce-epoch"]))
    last, known = memory.last(ticket)
    if sequence == last and event != known:
        sys.exit(f"event {sequence} of ticket {ticket} was {known} and is {event}: not the same history")
    if last is not None and sequence > last + 1:
        sys.exit(f"event {last + 1} of ticket {ticket} is missing: {event} is event {sequence}")
    if last is None or sequence > last:
        # The effect. One that must never happen twice, like a row in a database, belongs into one transaction with the
        # memory; a line on a screen cannot be taken back, so here a crash in between prints it again.
        print(header["ce-time"], ticket, sequence, header["ce-type"], event, flush=True)
        memory.remember(ticket, sequence, event)
    # Answered by the server, so that after a clean end nothing comes again.
    await message.ack_sync()


async def complain(error):
    print(error, file=sys.stderr, flush=True)
    # The client tries for ever to reach a server that is away; a wrong password does not get better by waiting.
    if "authorization violation" in str(error).lower():
        os._exit(1)


async def main():
    parser = argparse.ArgumentParser(description="Prints the life of every ticket, each event once.")
    parser.add_argument("--nats", required=True, help="nats://NAME:PASSWORD@HOST:PORT, as portico events grant prints it")
    parser.add_argument("--state", required=True, help="file that remembers what has been handled")
    parser.add_argument("--exit-after-idle", type=float, metavar="SECONDS", help="end when nothing came for so long")
    arguments = parser.parse_args()

    memory = Memory(arguments.state)
    connection = await nats.connect(arguments.nats, max_reconnect_attempts=-1, error_cb=complain)
    # The consumer is there already and has the program's name. A message comes again when it was not acknowledged in time,
    # and one is out at a time, unless the grant says otherwise.
    name = urllib.parse.urlsplit(arguments.nats).username
    messages = await connection.jetstream(domain=DOMAIN).pull_subscribe_bind(consumer=name, stream=STREAM)

    last_event = time.monotonic()
    while arguments.exit_after_idle is None or time.monotonic() - last_event < arguments.exit_after_idle:
        try:
            for message in await messages.fetch(1, timeout=1):
                await handle(message, memory)
        except NothingCame:
            continue
        last_event = time.monotonic()
    await connection.close()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
