"""Words of a text, folded so that spelling does not tell them apart, each with where it stands.

Case, accents, transliteration of Cyrillic, British and American spelling, hyphens, figures written onto a word, and
the spellings of ships' and cables' names in ``spelling.toml`` are folded. What a word means is not: two texts that say
the same in other words stay different.
"""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+")
"""Letters, or figures; ``C-Lion1`` is three words, as ``C Lion 1`` is. An apostrophe within a word belongs to it."""

_LETTERS: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d", "'": "", "’": ""}
)
# Romanisation after BGN/PCGN 1947 (Russian), without marks; enough for names.
_CYRILLIC: Final = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ъ": "", "ь": "",
       "ё": "e", "і": "i", "ї": "i", "є": "ye", "ґ": "g"}
)  # fmt: skip


class Word(msgspec.Struct, frozen=True, gc=False):
    """A folded word and its place in the text [characters from 0, end excluded]."""

    folded: str
    start: int
    end: int


class _Spelling(msgspec.Struct, frozen=True):
    words: dict[str, str]
    endings: tuple[tuple[str, str], ...]
    phrases: dict[tuple[str, ...], str]
    longest: int


def words(text: str) -> list[Word]:
    """The folded words of a text, in order. A known phrase (``Yi Peng``) is one word."""
    single = [Word(fold(match.group()), match.start(), match.end()) for match in _WORD.finditer(text)]
    known = _spelling()
    made: list[Word] = []
    k = 0
    while k < len(single):
        for length in range(min(known.longest, len(single) - k), 1, -1):
            phrase = known.phrases.get(tuple(word.folded for word in single[k : k + length]))
            if phrase is not None:
                made.append(Word(phrase, single[k].start, single[k + length - 1].end))
                k += length
                break
        else:
            made.append(single[k])
            k += 1
    return made


@cache
def fold(word: str) -> str:
    """One word without what spelling alone makes different."""
    known = _spelling()
    plain = plain_letters(word)
    if plain in known.words:
        return known.words[plain]
    for ending, other in known.endings:
        if plain.endswith(ending) and len(plain) > len(ending) + 2:
            return plain[: -len(ending)] + other
    return plain


def plain_letters(word: str) -> str:
    """Case, accents and script folded."""
    text = unicodedata.normalize("NFKD", word.casefold().translate(_CYRILLIC))
    return "".join(c for c in text if not unicodedata.combining(c)).translate(_LETTERS)


@cache
def _spelling() -> _Spelling:
    written = tomllib.loads(files(__package__).joinpath("spelling.toml").read_text("utf-8"))
    phrases = {
        tuple(spelling.split()): phrase["is"]
        for phrase in written["phrase"]
        for spelling in phrase["spelled"]
    }
    return _Spelling(
        words=written["words"],
        endings=tuple((ending, other) for ending, other in written["endings"].items()),
        phrases=phrases,
        longest=max(map(len, phrases)),
    )
