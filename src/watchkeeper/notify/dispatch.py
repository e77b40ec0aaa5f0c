"""Takes the outbox out: considers what happened, sends what is due, writes down how it went."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

import msgspec

from watchkeeper.model.event import Decisions, Document, Draft, Event, Query
from watchkeeper.model.finding import REAL
from watchkeeper.model.time import DAY
from watchkeeper.notify import mail, matrix, mattermost, outbox, webhook
from watchkeeper.notify.faults import NotifyError
from watchkeeper.notify.message import Message
from watchkeeper.notify.pacing import plan
from watchkeeper.notify.routes import By, Route

Send = Callable[[Route, Message, int], None]
_PAGE: Final = 1000

SENDERS: Final[dict[By, Send]] = {
    "webhook": lambda route, message, now: webhook.send(route, message, now=now),
    "mattermost": lambda route, message, now: mattermost.send(route, message, now=now),
    "matrix": lambda route, message, now: matrix.send(route, message, now=now),
    "mail": lambda route, message, now: mail.send(route, message, now=now),
}


class Dispatcher:
    """One for a log and its routes; call :meth:`step` every few seconds, in a thread that may wait for the network.

    Args:
        log: of decisions, opened with the projectors of this room.
        routes: all ways out.
        muted: the ids of alerts that are muted at a time [ms UTC].
        senders: how each kind of route sends; for tests.
        realm: whose alerts; what is rehearsed is sent only by a dispatcher of its own.
    """

    def __init__(
        self,
        log: Decisions,
        routes: Sequence[Route],
        muted: Callable[[int], Collection[str]] = lambda now: (),
        *,
        senders: dict[By, Send] | None = None,
        realm: str = REAL,
    ) -> None:
        self.log = log
        self.routes = tuple(routes)
        self.muted = muted
        self.senders = senders or SENDERS
        self.realm = realm
        self._after: int | None = None

    def step(self, now: int) -> list[Event]:
        """Consider and send; the events that were written. The time [ms UTC] is that of the alerts' events."""
        return [*self.consider(now), *self.deliver(now)]

    def consider(self, now: int) -> list[Event]:
        """Put what happened to alerts since the last time into the outbox.

        The very first time on a log it begins at the end: a year of alerts is not told when notifications are set up.
        """
        written: list[Event] = []
        if self._after is None:
            self._after, written = self._begun(now)
        events = list(self._news())
        if not events:
            return written
        mine = [event for event in events if event.realm == self.realm]
        drafts = outbox.considered(
            mine, lambda id: self.log.document("alerts", id), self.routes, self.muted(now), now=now
        )
        written += self.log.append(drafts) if drafts else []
        self._after = events[-1].seq
        return written

    def deliver(self, now: int) -> list[Event]:
        """Send what is due on every route. One that fails holds up no other."""
        written: list[Event] = []
        for route in self.routes:
            for draft in self._planned(route, now):
                written += self.log.append([draft])
        return written

    def _planned(self, route: Route, now: int) -> Iterator[Draft]:
        """The drafts of one route, each to be written before the next is asked for."""
        queued = [d for d in self._outbox(("queued",), None) if outbox.item_of(d).route == route.name]
        sent = [d for d in self._outbox(("sent",), now - DAY) if outbox.item_of(d).route == route.name]
        planned = plan(route, queued, sent, now=now)
        for old, by in planned.supersede:
            yield outbox.superseded(old, by, now=now)
        if planned.summarise:
            yield outbox.queued_summary(route, planned.summarise, now=now)
        for document in planned.send:
            yield self._sent(route, document, now)

    def _sent(self, route: Route, document: Document, now: int) -> Draft:
        try:
            self.senders[route.by](route, outbox.item_of(document).message, now)
        except NotifyError as error:
            return outbox.failed(document, str(error), again=error.again, now=now)
        return outbox.sent(document, now=now)

    def _begun(self, now: int) -> tuple[int, list[Event]]:
        mark = self.log.document(outbox.MARKS, outbox.mark_id(self.realm))
        if mark is not None:
            return int(mark.body["through"]), []
        head = self.log.head()
        draft = Draft(
            kind=outbox.BEGUN,
            subject="notify",
            at=now,
            actor="system",
            body={"through": head},
            realm=self.realm,
            key=f"{outbox.BEGUN}:{self.realm}",
        )
        return head, self.log.append([draft])

    def _news(self) -> Iterator[Event]:
        after = self._after or 0
        while page := self.log.read(after, kinds=("alert.",), limit=_PAGE):
            yield from page
            after = page[-1].seq

    def _outbox(self, states: tuple[str, ...], t_from: int | None) -> list[Document]:
        query = Query(
            collection=outbox.OUTBOX, realm=self.realm, states=states, t_from=t_from, order="id", limit=_PAGE
        )
        page = self.log.documents(query)
        found = [*page.items]
        while page.next is not None:
            page = self.log.documents(msgspec.structs.replace(query, after=page.next))
            found += page.items
        return found
