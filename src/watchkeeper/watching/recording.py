"""Bringing the log up to date with what was found, from the judging of everything and from glances in between."""

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock
from typing import Final

import msgspec

from watchkeeper.model.event import Decisions, Document, Draft, Event, Query
from watchkeeper.model.finding import Evidence, Finding
from watchkeeper.model.time import from_iso
from watchkeeper.watching.changes import ACTOR, WITHDRAWN, Standing, change, changes
from watchkeeper.watching.judgement import Judged
from watchkeeper.watching.parts import Alarms

_PAGE: Final = 1000
_OF_FINDINGS: Final = "finding."
Texts = Callable[[Collection[tuple[str, int]]], Mapping[tuple[str, int], str | None]]
"""The texts of lines (feed, number)."""


class Recorder:
    """See the module. May be called from two threads.

    It remembers findings that may still change; others are looked up in the log when they are found again.

    Args:
        decisions: the log.
        texts: the raw lines of feeds.
        alarms: makes alerts of findings.
        realm: ``real`` or ``exercise:<id>``.
    """

    def __init__(self, decisions: Decisions, texts: Texts, alarms: Alarms, realm: str) -> None:
        self._decisions, self._texts, self._alarms, self._realm = decisions, texts, alarms, realm
        self._known: dict[str, Standing] = {}
        self._writing, self._alarming = Lock(), Lock()

    def recall(self, since: int) -> None:
        """Remember the findings in the log that began at a time [ms UTC] or later."""
        query = Query(collection="findings", realm=self._realm, order="t", t_from=since, limit=_PAGE)
        while True:
            page = self._decisions.documents(query)
            self._known |= {one.id: _standing(one) for one in page.items}
            if page.next is None:
                return
            query = msgspec.structs.replace(query, after=page.next)

    def known(self) -> dict[str, Standing]:
        """What the log says now, as far as it is remembered: to be given to :meth:`everything`."""
        with self._writing:
            return dict(self._known)

    def everything(
        self, judged: Judged, known: dict[str, Standing], settled: int, now: int, *, exact: bool
    ) -> list[Event]:
        """Write how all that was found differs from the log, and forget what can change no more.

        Args:
            judged: the whole picture.
            known: the log as it was when the picture was taken; what was written since is left as it is.
            settled: findings that began earlier are not withdrawn [ms UTC].
            now: when it is written [ms UTC].
            exact: write the smallest difference too.
        """
        self._look_up(judged.findings, known)
        found = self._with_lines(judged.findings, known)
        drafts = changes(known, found, settled, now, judged.reasons, exact=exact)
        events = self._write([*drafts, *self._failures(judged, now)], known)
        ids = {f.id for f in found}
        with self._writing:
            gone = [
                id
                for id, standing in known.items()
                if id not in ids and from_iso(standing.finding.start) < settled
            ]
            for id in gone:
                self._known.pop(id, None)
        with self._alarming:
            return [*events, *self._alarms(judged, self._decisions, now)]

    def news(self, judged: Judged, now: int) -> list[Event]:
        """Write what a glance found that the log does not say yet; it withdraws nothing."""
        known = self.known()
        self._look_up(judged.findings, known)
        found = self._with_lines(judged.findings, known)
        drafts = [d for f in found if (d := change(known.get(f.id), f, now, exact=False)) is not None]
        events = self._write(drafts, known) if drafts else []
        # Where the judging of everything is at its alarms, it or the next beat takes these too.
        if events and self._alarming.acquire(blocking=False):
            try:
                events += self._alarms(judged, self._decisions, now)
            finally:
                self._alarming.release()
        return events

    def _look_up(self, findings: Sequence[Finding], known: dict[str, Standing]) -> None:
        """Findings that are not remembered may be in the log all the same."""
        for finding in findings:
            if finding.id not in known:
                document = self._decisions.document("findings", finding.id)
                if document is not None:
                    with self._writing:
                        known[finding.id] = self._known.setdefault(finding.id, _standing(document))

    def _write(self, drafts: Sequence[Draft], known: Mapping[str, Standing]) -> list[Event]:
        """Append, but for findings that the log says something else of by now."""
        with self._writing:
            events = self._decisions.append(
                [
                    d
                    for d in drafts
                    if not d.kind.startswith(_OF_FINDINGS)
                    or self._known.get(d.subject) is known.get(d.subject)
                ]
            )
            for event in events:
                if event.kind.startswith(_OF_FINDINGS):
                    finding = msgspec.convert(event.body["finding"], Finding)
                    self._known[event.subject] = Standing(finding, event.seq, event.kind == WITHDRAWN)
        return events

    def _with_lines(self, findings: Sequence[Finding], known: Mapping[str, Standing]) -> list[Finding]:
        """The findings with the text of their evidence rows; those written before have theirs."""
        had = {
            (e.source, e.row): e.raw
            for f in findings
            if f.id in known
            for e in known[f.id].finding.evidence
            if e.raw
        }
        wanted = {(e.source, e.row) for f in findings for e in f.evidence} - had.keys()
        texts = had | dict(self._texts(wanted)) if wanted else had

        def filled(e: Evidence) -> Evidence:
            return msgspec.structs.replace(e, raw=texts.get((e.source, e.row)))

        return [msgspec.structs.replace(f, evidence=tuple(map(filled, f.evidence))) for f in findings]

    def _failures(self, judged: Judged, now: int) -> list[Draft]:
        """A behaviour that raised is said once."""
        return [
            Draft(
                kind="behaviour.failed",
                subject=name,
                at=now,
                actor=ACTOR,
                body={"reason": outcome.failure},
                realm=self._realm,
                key=f"behaviour.failed:{name}:{outcome.failure}",
            )
            for name, outcome in judged.outcomes.items()
            if outcome.failure
        ]


def _standing(document: Document) -> Standing:
    finding = msgspec.convert(document.body["finding"], Finding)
    return Standing(finding, document.seq, document.state == "withdrawn")
