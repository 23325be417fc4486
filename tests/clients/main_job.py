"""The main job with the generated Python client: sign in, make a token, then list, create, change, comment and read."""

import os
import uuid

from portico_client import AuthenticatedClient, Client
from portico_client.api.my_account import create_api_token
from portico_client.api.records import (
    create_comment, create_record, get_module, get_record, list_comments, list_history, list_modules, list_records,
    update_record)
from portico_client.api.signing_in import get_session, sign_in
from portico_client.models import Credentials, Fields, FieldsFields, NewComment, NewOwnApiToken, Problem, Surface

PORTAL = os.environ["PORTICO_TEST_URL"]


def token():
    """An agent signs in as a browser would, and makes a token for this program."""
    with Client(base_url=PORTAL, raise_on_unexpected_status=True) as client:
        body = Credentials(login="agent@demo.test", password="portico-demo-2026")
        state = sign_in.sync(client=client, body=body, x_portico_surface=Surface.CONSOLE)
        assert state.status == "authenticated", state
        session = get_session.sync(client=client)
        assert session.subject.kind == "agent", session
        client.get_httpx_client().headers["X-CSRF-Token"] = session.csrf_token
        new = NewOwnApiToken(name="Generated client", scopes=["read", "write"], valid_days=1)
        return create_api_token.sync(client=client, body=new).secret


def fields(**values):
    return Fields(fields=FieldsFields.from_dict(values))


def main():
    with AuthenticatedClient(base_url=PORTAL, token=token(), raise_on_unexpected_status=True) as client:
        assert "tickets" in [module.name for module in list_modules.sync(client=client)]
        assert any(field.name == "title" for field in get_module.sync("tickets", client=client).fields)

        title = f"From Python {uuid.uuid4()}"
        key = str(uuid.uuid4())
        made = create_record.sync("tickets", client=client, body=fields(title=title), idempotency_key=key)
        again = create_record.sync("tickets", client=client, body=fields(title=title), idempotency_key=key)
        assert made.id == again.id, "the same key makes nothing twice"
        # Without a key every request makes a record.
        other = create_record.sync("tickets", client=client, body=fields(title=f"{title} again"))
        assert other.id != made.id

        page = list_records.sync("tickets", client=client, limit=2, sort="-modified_at", count="capped")
        assert len(page.items) == 2 and page.total >= 2 and page.next_cursor, page
        following = list_records.sync("tickets", client=client, limit=2, sort="-modified_at", cursor=page.next_cursor)
        assert {item.id for item in page.items}.isdisjoint(item.id for item in following.items)
        found = list_records.sync("tickets", client=client, filter_='{"field": "priority", "op": "eq", "value": "urgent"}')
        assert all(item.fields["priority"] == "urgent" for item in found.items)

        seen = get_record.sync_detailed("tickets", made.id, client=client)
        etag = seen.headers["etag"]
        changed = update_record.sync("tickets", made.id, client=client, body=fields(priority="high"), if_match=etag)
        assert changed.fields["priority"] == "high", changed
        stale = update_record.sync("tickets", made.id, client=client, body=fields(priority="low"), if_match=etag)
        assert isinstance(stale, Problem) and stale.code == "stale_version", stale
        wrong = create_record.sync("tickets", client=client, body=fields(title=7))
        assert isinstance(wrong, Problem) and wrong.errors[0].field == "title", wrong

        said = create_comment.sync("tickets", made.id, client=client, body=NewComment(body="Said by a *program*."))
        comments = list_comments.sync("tickets", made.id, client=client)
        assert [comment.id for comment in comments.items] == [said.id], comments
        happened = [entry.type_ for entry in list_history.sync("tickets", made.id, client=client, limit=10).items]
        assert happened[0] == "commented" and happened[-1] == "created", happened


main()
