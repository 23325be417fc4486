#!/usr/bin/env python3
"""Prints the life of every ticket, one line per event, each exactly once, however often it is stopped and started.

    python3 consume_tickets.py --nats nats://consumer:PASSWORD@127.0.0.1:4222 --state tickets.sqlite

Delivery is at least once: the same message may come again after a crash or a lost acknowledgement. So the effect (here
the printed line) and the memory of it are one step, and only then is the message acknowledged. `ce-sequence` counts the
events of one ticket without holes, which shows a repetition, and a message that was lost.
"""

import argparse
import asyncio
import os
import sqlite3
import sys
import time

import nats
from nats.errors import TimeoutError as NothingCame
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

STREAM = "PORTICO_RECORDS"
SUBJECT = "portico.v1.records.tickets.>"


class Memory:
    """How far each ticket has been handled, in one small file."""

    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("pragma journal_mode = wal")
        self.db.execute("pragma synchronous = full")
        self.db.execute("create table if not exists ticket (id text primary key, sequence integer not null, event text not null)")

    def sequence(self, ticket):
        """The sequence of the ticket's last handled event, or None if it was never seen."""
        row = self.db.execute("select sequence from ticket where id = ?", (ticket,)).fetchone()
        return row and row[0]

    def remember(self, ticket, sequence, event):
        self.db.execute("insert into ticket values (?, ?, ?) on conflict (id) do update set sequence = excluded.sequence, "
                        "event = excluded.event", (ticket, sequence, event))


async def handle(message, memory):
    header = message.headers
    ticket, event, sequence = header["ce-subject"], header["ce-id"], int(header["ce-sequence"])
    last = memory.sequence(ticket)
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
    parser.add_argument("--nats", required=True, help="nats://consumer:PASSWORD@HOST:PORT")
    parser.add_argument("--state", required=True, help="file that remembers what has been handled")
    parser.add_argument("--durable", default="example-python", help="name of the consumer in JetStream")
    parser.add_argument("--exit-after-idle", type=float, metavar="SECONDS", help="end when nothing came for so long")
    arguments = parser.parse_args()

    memory = Memory(arguments.state)
    # The user `consumer` hears answers under this prefix only.
    connection = await nats.connect(
        arguments.nats, inbox_prefix="_INBOX_consumer", max_reconnect_attempts=-1, error_cb=complain
    )
    stream = connection.jetstream()
    config = ConsumerConfig(
        name=arguments.durable,
        durable_name=arguments.durable,
        filter_subject=SUBJECT,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        # After a crash the message under way comes again when this has passed.
        ack_wait=5,
        # One at a time keeps the order: a message is given out when the one before it is acknowledged.
        max_ack_pending=1,
    )
    # The stream appears with the portal's first start.
    for attempt in range(60):
        try:
            await stream.add_consumer(STREAM, config)
            break
        except NotFoundError:
            if attempt == 59:
                sys.exit(f"there is no stream {STREAM}; is the portal running?")
            await asyncio.sleep(1)
    messages = await stream.pull_subscribe_bind(consumer=arguments.durable, stream=STREAM)

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
