"""The resources of TAXII 2.1: for each, what is answered to whom."""

import uuid
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from watchkeeper.exchange.hub.collections import may_read, may_write
from watchkeeper.exchange.hub.hub import Hub, Receipt
from watchkeeper.exchange.hub.intake import NotAnEnvelopeError, objects_of
from watchkeeper.exchange.hub.moments import write_us
from watchkeeper.exchange.hub.words import MEDIA_OF, STIX_ID, Account, Collection, Page, Root, Row
from watchkeeper.exchange.taxii.answers import MEDIA, Answer, RefusedError, not_found, paged, resource
from watchkeeper.exchange.taxii.questions import Question, question

TITLE: Final = "watchkeeper"
_DESCRIPTION: Final = (
    "An exchange of watchkeeper: what is given is decided for each reader, object by object."
)


@dataclass(frozen=True, slots=True)
class Asking:
    """A request by somebody who is known. ``path`` is where the server is mounted; ``now`` in ms UTC."""

    hub: Hub
    account: Account
    path: str
    query: bytes
    now: int
    body: bytes = b""

    def root(self, name: str) -> Root:
        """A root, if there is something in it for the caller.

        Raises:
            RefusedError: 404.
        """
        for root in self.hub.collections.roots():
            if root.name == name and self.hub.collections.of(name, self.account):
                return root
        raise not_found()

    def collection(self, root: str, name: str) -> Collection:
        """A collection that the caller may read or write.

        Raises:
            RefusedError: 404.
        """
        found = self.hub.collections.find(root, name, self.account)
        if found is None:
            raise not_found()
        return found

    def readable(self, root: str, name: str) -> Collection:
        """A collection that the caller may read.

        Raises:
            RefusedError: 404, or 403 where it may only be written.
        """
        found = self.collection(root, name)
        if not may_read(found, self.account):
            raise RefusedError(403, "You may not read this collection.")
        return found

    def writable(self, root: str, name: str) -> Collection:
        """A collection that the caller may write.

        Raises:
            RefusedError: 404, or 403 where it may only be read, or the organisation is no partner any more.
        """
        found = self.collection(root, name)
        if not may_write(found, self.account):
            raise RefusedError(403, "You may not write to this collection.")
        revoked = self.hub.partners.one(self.account.party).agreement.revoked_at
        if revoked is not None and self.now >= revoked:
            raise RefusedError(403, "Your organisation is no partner any more.")
        return found


def discovery(asking: Asking) -> Answer:
    """The discovery resource, with the roots that hold something for the caller."""
    roots = [
        r.name for r in asking.hub.collections.roots() if asking.hub.collections.of(r.name, asking.account)
    ]
    addresses = [f"{asking.path}/{name}/" for name in roots]
    return resource(
        {
            "title": TITLE,
            "description": _DESCRIPTION,
            "default": addresses[0] if addresses else None,
            "api_roots": addresses,
        }
    )


def api_root(asking: Asking, root: str) -> Answer:
    """A root."""
    found = asking.root(root)
    return resource(
        {
            "title": found.title,
            "description": found.description,
            "versions": [MEDIA],
            "max_content_length": found.max_bytes,
        }
    )


def list_collections(asking: Asking, root: str) -> Answer:
    """The collections of a root."""
    asking.root(root)
    found = asking.hub.collections.of(root, asking.account)
    return resource({"collections": [_collection(one, asking.account) for one in found]})


def one_collection(asking: Asking, root: str, name: str) -> Answer:
    """One collection."""
    return resource(_collection(asking.collection(root, name), asking.account))


def _collection(found: Collection, account: Account) -> dict[str, Any]:
    said = {
        "id": found.id,
        "title": found.terms.title,
        "description": found.terms.description,
        "alias": found.alias,
        "can_read": may_read(found, account),
        "can_write": may_write(found, account),
        "media_types": list(found.terms.media_types),
    }
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def get_objects(asking: Asking, root: str, name: str) -> Answer:
    """A page of objects."""
    collection = asking.readable(root, name)
    asked = question(asking.query, f"objects {collection.id}")
    page, next_ = _page(asking, collection, asked)
    return paged("objects", page.bytes, page.rows, next_)


def get_manifest(asking: Asking, root: str, name: str) -> Answer:
    """A page of the manifest."""
    collection = asking.readable(root, name)
    asked = question(asking.query, f"manifest {collection.id}")
    page, next_ = _page(asking, collection, asked, with_bytes=False)
    return paged("objects", [_entry(row) for row in page.rows], page.rows, next_)


def get_object(asking: Asking, root: str, name: str, id: str) -> Answer:
    """The versions of an object that are asked for."""
    collection = asking.readable(root, name)
    asked = question(asking.query, f"object {collection.id} {id}", id=_id(id))
    page, next_ = _page(asking, collection, asked)
    if not page.rows and not asking.hub.is_there(collection, asking.account, id, asking.now):
        raise not_found()
    return paged("objects", page.bytes, page.rows, next_)


def get_versions(asking: Asking, root: str, name: str, id: str) -> Answer:
    """A page of the versions of an object, in the order in which they were added."""
    collection = asking.readable(root, name)
    asked = question(asking.query, f"versions {collection.id} {id}", "all", _id(id))
    page, next_ = _page(asking, collection, asked, with_bytes=False)
    if not page.rows and not asking.hub.is_there(collection, asking.account, id, asking.now):
        raise not_found()
    return paged("versions", [msgspec.json.encode(row.version) for row in page.rows], page.rows, next_)


def delete_object(asking: Asking, root: str, name: str, id: str) -> Answer:
    """Take versions of an object out: those that are asked for, or all."""
    collection = asking.readable(root, name)
    asking.writable(root, name)
    asked = question(asking.query, f"delete {collection.id} {id}", "all", _id(id))
    if not asking.hub.is_there(collection, asking.account, id, asking.now):
        raise not_found()
    if not asking.hub.delete(collection, asking.account, id, asked.filter, asking.now):
        raise RefusedError(403, "There is nothing that fits, or another organisation posted it.")
    return resource({})


def post_objects(asking: Asking, root: str, name: str) -> Answer:
    """Take objects in; what became of each is said at once, and kept for a day."""
    collection = asking.writable(root, name)
    try:
        raws = objects_of(asking.body)
    except NotAnEnvelopeError as error:
        raise RefusedError(400, str(error)) from error
    receipt = asking.hub.add(collection, raws, asking.account, asking.now)
    id_ = uuid.uuid4()
    answer = resource(_status(id_, receipt, asking.now), 202)
    asking.hub.keep_status(root, asking.account, asking.now, answer.body, id_)
    return answer


def get_status(asking: Asking, root: str, id: str) -> Answer:
    """What became of objects that were posted."""
    asking.root(root)
    body = asking.hub.status(root, asking.account, id, asking.now)
    if body is None:
        raise not_found()
    return Answer(body)


def _status(id_: uuid.UUID, receipt: Receipt, now: int) -> dict[str, Any]:
    asked_at = write_us(now * 1000)
    done, failed = receipt.done, receipt.failed
    return {
        "id": str(id_),
        "status": "complete",
        "request_timestamp": asked_at,
        "total_count": len(receipt.outcomes),
        "success_count": len(done),
        "successes": [{"id": one.id, "version": one.version} for one in done],
        "failure_count": len(failed),
        "failures": [
            {"id": one.id, "version": one.version or asked_at, "message": f"{one.rule}: {one.message}"}
            for one in failed
        ],
        "pending_count": 0,
    }


def _page(
    asking: Asking, collection: Collection, asked: Question, *, with_bytes: bool = True
) -> tuple[Page, str | None]:
    cursors = asking.hub.cursors
    page = asking.hub.page(
        collection, asking.account, asked.filter, asking.now, after=asked.after(cursors), most=asked.limit,
        with_bytes=with_bytes,
    )  # fmt: skip
    return page, cursors.write(page.end, asked.about) if page.more else None


def _entry(row: Row) -> bytes:
    return msgspec.json.encode(
        {
            "id": row.id,
            "date_added": write_us(row.added_us),
            "version": row.version,
            "media_type": MEDIA_OF[row.spec],
        }
    )


def _id(id: str) -> str:
    if STIX_ID.fullmatch(id) is None:
        raise not_found()
    return id
