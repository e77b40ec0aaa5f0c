"""Vocabularies of the incident register: data files with their origin and licence, and tags that name their entries.

A tag is written ``vocabulary:entry``, or ``vocabulary:group:entry`` where entries stand in groups
(``rsit:availability:sabotage``).
"""

import difflib
import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from watchkeeper.errors import UsageError


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One word of a vocabulary: its id, what it is called, and what it means where the source says so."""

    id: str
    title: str
    means: str = ""


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vocabulary with where it comes from; ``verified`` says what the entries were compared with, if at all."""

    name: str
    title: str
    origin: str
    version: str
    licence: str
    verified: str
    many: bool = True
    """Whether an incident may bear several of it."""
    entry: tuple[Entry, ...]


class Tag(msgspec.Struct, frozen=True):
    """A tag with the title of its entry."""

    tag: str
    title: str
    vocabulary: str


NAMES: Final = ("hybrid-domain", "hybrid-tool", "rsit", "enisa-threat", "admiralty", "nis2-sector")


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """All vocabularies, by name."""
    folder = files(__package__).joinpath("vocabularies")
    texts = (folder.joinpath(f"{name}.toml").read_text("utf-8") for name in NAMES)
    read = (msgspec.convert(tomllib.loads(text), Vocabulary) for text in texts)
    return {vocabulary.name: vocabulary for vocabulary in read}


@cache
def _tags() -> dict[str, Tag]:
    return {
        f"{name}:{entry.id}": Tag(f"{name}:{entry.id}", entry.title, vocabulary.title)
        for name, vocabulary in vocabularies().items()
        for entry in vocabulary.entry
    }


def tag_of(text: str) -> Tag:
    """The tag that a text names.

    Raises:
        UsageError: no vocabulary has it; the nearest is named.
    """
    wanted = text.strip().casefold()
    if wanted in _tags():
        return _tags()[wanted]
    near = difflib.get_close_matches(wanted, _tags(), 1, 0.5)
    raise UsageError(
        f"There is no tag {text.strip()!r}.",
        f"Did you mean {near[0]}?" if near else f"Vocabularies: {', '.join(NAMES)}. See `incidents tags`.",
    )


def graded(text: str) -> str:
    """An admiralty grade such as ``B2``: reliability of the source A to F, credibility of what it says 1 to 6.

    Raises:
        UsageError: not of that form.
    """
    grade = text.strip().upper()
    if len(grade) != 2 or grade[0] not in "ABCDEF" or grade[1] not in "123456":
        raise UsageError(
            f"{text!r} is no grade.",
            "Write a letter A to F (source) and a figure 1 to 6 (statement), such as B2.",
        )
    return grade


def grade_in_words(grade: str) -> str:
    """A grade as the scale words it."""
    scale = {entry.id: entry.title for entry in vocabularies()["admiralty"].entry}
    return f"{scale[f'reliability:{grade[0].lower()}']}, {scale[f'credibility:{grade[1]}'].lower()}"
