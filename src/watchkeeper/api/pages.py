"""The few HTML pages that the server itself has: the first administrator, signing in. No script, no picture."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from typing import Final

from watchkeeper.api.declare import Reply

HTML: Final = "text/html; charset=utf-8"

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:12vh auto;padding:0 1rem;color:#1b2a38}"
    "label{display:block;margin-top:1rem}input{width:100%;box-sizing:border-box;font:inherit;padding:.4rem}"
    "button{margin-top:1.5rem;font:inherit;padding:.4rem 1.2rem}"
    "p.said{border-left:4px solid #b5542f;padding-left:.6rem}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{_HASH}'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def page(
    title: str, inside: str, *, status: int = 200, headers: Mapping[str, str] | None = None, refresh: str = ""
) -> Reply:
    """A page. ``inside`` is HTML whose texts are escaped already; ``refresh`` is where a browser goes on to."""
    meta = f'<meta http-equiv="refresh" content="0; url={escape(refresh)}">' if refresh else ""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{meta}<title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1>{inside}</body></html>"
    )
    return Reply(text.encode(), status, {"Content-Security-Policy": _POLICY, **(headers or {})}, HTML)


def form(action: str, fields: str, button: str, said: str = "") -> str:
    """A form; ``fields`` is HTML, ``said`` what went wrong before."""
    shown = f'<p class="said">{escape(said)}</p>' if said else ""
    return (
        f'{shown}<form method="post" action="{escape(action)}">{fields}'
        f'<button type="submit">{escape(button)}</button></form>'
    )


def text_field(name: str, label: str, kind: str = "text", complete: str = "off", value: str = "") -> str:
    """A labelled field."""
    return (
        f'<label>{escape(label)}<input name="{name}" type="{kind}" autocomplete="{complete}" '
        f'value="{escape(value)}" required></label>'
    )


def hidden(name: str, value: str) -> str:
    """A field that is sent without being shown."""
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'
