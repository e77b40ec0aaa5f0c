"""A notification as it is shown anywhere: short, plain text, made safe of what ships call themselves."""

from typing import Any, Final, Literal

import msgspec

from watchkeeper.model.event import Document, Event
from watchkeeper.model.time import to_iso

Importance = Literal["escalated", "raised", "worse", "summary"]
ORDER: Final[tuple[Importance, ...]] = ("escalated", "raised", "worse", "summary")
"""Of several about one alert at once, the first of these is sent."""

_TITLE_MOST: Final = 200
_LINE_MOST: Final = 600
_LISTED: Final = 10
SHORT: Final = 8


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent. ``id`` is the same at every attempt; ``title`` is one line; ``at`` when it happened [ms UTC]."""

    id: str
    importance: Importance
    title: str
    lines: tuple[str, ...]
    at: int
    alert: str | None = None
    mmsi: int | None = None
    score: float = 0.0
    level: int = 0
    realm: str = "real"

    @property
    def text(self) -> str:
        """Title and lines, one below the other."""
        return "\n".join((self.title, *self.lines))


def of_alert(id: str, importance: Importance, alert: Document, event: Event) -> Message:
    """The message about an alert, because of an event."""
    says, body = alert.body["says"], event.body
    name = says["name"] or "no name"
    who = f"{name} (MMSI {alert.mmsi})" if alert.mmsi is not None else name
    because = body.get("reason") or "; ".join(body.get("worse", ()))
    head = {
        "escalated": f"Escalated to the {body.get('told', 'next level')}",
        "raised": "Alert",
        "worse": "Alert has become worse",
        "summary": "Alerts",
    }[importance]
    if event.kind == "alert.woken":
        head = "Alert is back"
    rehearsal = "" if alert.realm == "real" else f"[{alert.realm}] "
    lines = [says["headline"], *([f"Why now: {because}."] if because else [])]
    lines.append(f"Alert {alert.id[:SHORT]}, score {says['score']:g}, {to_iso(event.at)}")
    return Message(
        id=id,
        importance=importance,
        title=plain(f"{rehearsal}{head}: {who}", _TITLE_MOST),
        lines=tuple(plain(line, _LINE_MOST) for line in lines),
        at=event.at,
        alert=alert.id,
        mmsi=alert.mmsi,
        score=says["score"],
        level=body.get("level", 0),
        realm=alert.realm,
    )


def summary(id: str, held: list[Message], now: int) -> Message:
    """One message for many: how many, and the worst of them."""
    worst = sorted(held, key=lambda message: (-message.level, -message.score, message.id))
    more = len(held) - _LISTED
    lines = [message.title for message in worst[:_LISTED]]
    if more > 0:
        lines.append(f"and {more} more: see the list")
    return Message(
        id=id,
        importance="summary",
        title=f"{len(held)} more alerts since {to_iso(min(message.at for message in held))}",
        lines=tuple(lines),
        at=now,
        score=worst[0].score,
        level=worst[0].level,
        realm=worst[0].realm,
    )


def plain(text: str, most: int) -> str:
    """One line without control and formatting characters, at most so many signs."""
    line = "".join(c if c.isprintable() else " " if c.isspace() else "·" for c in text)
    return line if len(line) <= most else line[: most - 1] + "…"


def values(message: Message) -> dict[str, Any]:
    """The message as JSON holds it."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(message))
    return found
