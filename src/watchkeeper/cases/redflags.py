"""Red flags: what authorities say to look out for, as data, and which of it a ship's findings and lists show."""

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

import msgspec

from watchkeeper.cases.known import NOTHING, Known
from watchkeeper.model.finding import Finding


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document by an authority: ISO dates; ``where`` says how to find it."""

    title: str
    date: str
    where: str
    updated: tuple[str, ...] = ()


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place in a document and what it says there, in our words.

    ``verified`` is False where the document itself could not be read to the line; then ``section`` may be empty.
    """

    document: str
    says: str
    section: str = ""
    verified: bool = True


class FieldTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field of a list or register that contains one of some texts, in whatever case."""

    name: str
    contains: tuple[str, ...]


class RedFlag(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A red flag: who names it, and what shows it here or why nothing does."""

    id: str
    title: str
    source: tuple[Source, ...]
    behaviours: tuple[str, ...] = ()
    fields: tuple[FieldTest, ...] = ()
    not_observable: str = ""


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All red flags, their documents by id, and the behaviours that show none, with the reason."""

    document: dict[str, Document]
    flag: tuple[RedFlag, ...]
    no_flag: dict[str, str]

    def citation(self, source: Source) -> str:
        """A source in a line: document, date, section."""
        document = self.document[source.document]
        dates = ", ".join((document.date, *(f"updated {date}" for date in document.updated[-1:])))
        section = f", {source.section}" if source.section else ""
        return f"{document.title} ({dates}){section}" + ("" if source.verified else " [section not verified]")


class Shown(msgspec.Struct, frozen=True, gc=False):
    """A red flag that a ship shows: by which findings and fields, and who names it."""

    id: str
    title: str
    findings: tuple[str, ...]
    fields: tuple[str, ...]
    sources: tuple[str, ...]


@cache
def catalogue() -> Catalogue:
    """The red flags that watchkeeper knows."""
    text = files(__package__).joinpath("redflags.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Catalogue)


def flags_of(behaviour: str) -> tuple[RedFlag, ...]:
    """The red flags that a finding of a behaviour shows."""
    return tuple(catalogue().flag[k] for k in _numbers_of(behaviour))


def flags_shown(findings: Sequence[Finding], known: Known) -> tuple[Shown, ...]:
    """The red flags that one ship's findings, and what is known of the ship, show, in the catalogue's order."""
    by_flag: dict[int, list[str]] = {}
    for finding in findings:
        for k in _numbers_of(finding.behaviour):
            by_flag.setdefault(k, []).append(finding.id)
    said = (
        {k: tuple(_said(catalogue().flag[k].fields, known)) for k in _with_fields()}
        if known != NOTHING
        else {}
    )
    shown = []
    for k in sorted({*by_flag, *(k for k, words in said.items() if words)}):
        flag = catalogue().flag[k]
        shown.append(Shown(flag.id, flag.title, tuple(by_flag.get(k, ())), said.get(k, ()), _citations(k)))
    return tuple(shown)


@cache
def _numbers_of(behaviour: str) -> tuple[int, ...]:
    return tuple(k for k, flag in enumerate(catalogue().flag) if behaviour in flag.behaviours)


@cache
def _with_fields() -> tuple[int, ...]:
    return tuple(k for k, flag in enumerate(catalogue().flag) if flag.fields)


@cache
def _citations(k: int) -> tuple[str, ...]:
    return tuple(catalogue().citation(source) for source in catalogue().flag[k].source)


def _said(tests: Iterable[FieldTest], known: Known) -> Iterable[str]:
    for test in tests:
        for value in known.values(test.name):
            if any(text.casefold() in value.casefold() for text in test.contains):
                yield f"{test.name}: {value}"
