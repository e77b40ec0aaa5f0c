"""What stands in quotation marks."""

import re
from collections.abc import Sequence
from typing import Final

Spans = Sequence[tuple[int, int]]

_QUOTED: Final = re.compile(
    r'"[^"\n]{1,2000}"|“[^”]{1,2000}”|„[^“”]{1,2000}[“”]|«[^»]{1,2000}»|»[^«]{1,2000}«'
)
_SLACK: Final = 60
"""Signs by which a shared passage may reach out of the quotation: ``..., the minister said``."""


def quoted_spans(text: str) -> Spans:
    """Where quotations stand [characters, end excluded], in order. A quotation ends within its paragraph."""
    return tuple(match.span() for match in _QUOTED.finditer(text))


def inside(spans: Spans, start: int, end: int) -> bool:
    """Whether a passage lies in a quotation, but for a few signs at its ends."""
    return any(
        begin - _SLACK <= start and end <= finish + _SLACK and start < finish and end > begin
        for begin, finish in spans
    )
