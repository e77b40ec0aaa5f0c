"""Mail by SMTP. The relay is the operator's own, so it may be anywhere; TLS unless the route says otherwise."""

import hashlib
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from watchkeeper.model.time import SECOND
from watchkeeper.notify.faults import NotifyError
from watchkeeper.notify.message import Message
from watchkeeper.notify.routes import Route

_TIMEOUT_S: Final = 15.0
_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
_FOR_NOW: Final = range(400, 500)
"""SMTP answers that say *later* (RFC 5321, 4.2.1)."""


def send(route: Route, message: Message, *, now: int) -> None:
    """Hand a message to the relay.

    Raises:
        NotifyError: it was not accepted, or the relay has no TLS where it must.
    """
    try:
        with _connected(route) as relay:
            if route.user:
                relay.login(route.user, route.secret)
            relay.send_message(letter(route, message, now=now))
    except smtplib.SMTPResponseException as error:
        again = error.smtp_code in _FOR_NOW
        raise NotifyError(f"{route.host} refused the mail ({error.smtp_code}).", again=again) from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        again = any(code in _FOR_NOW for code in codes)
        raise NotifyError(f"{route.host} refused the recipients ({codes[0]}).", again=again) from error
    except smtplib.SMTPNotSupportedError as error:
        raise NotifyError(
            f"{route.host} offers no STARTTLS or no login.",
            'Set tls = "tls", or "none" for a relay of your own.',
            again=False,
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotifyError(f"{route.host} could not be reached: {type(error).__name__}.") from error


def letter(route: Route, message: Message, *, now: int) -> EmailMessage:
    """The mail. Its Message-ID is the same at every attempt: a copy can be told from a second message."""
    mail = EmailMessage()
    mail["Subject"] = message.title
    mail["From"] = route.sender
    mail["To"] = ", ".join(route.to)
    mail["Date"] = format_datetime(_moment(now))
    digest = hashlib.sha256(message.id.encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{digest}@{route.sender.rpartition('@')[2] or 'watchkeeper'}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail.set_content("\n".join((message.title, "", *message.lines)) + "\n")
    return mail


def _connected(route: Route) -> smtplib.SMTP:
    port = route.port or _PORTS[route.tls]
    if route.tls == "tls":
        return smtplib.SMTP_SSL(route.host, port, timeout=_TIMEOUT_S, context=ssl.create_default_context())
    relay = smtplib.SMTP(route.host, port, timeout=_TIMEOUT_S)
    if route.tls == "starttls":
        try:
            relay.starttls(context=ssl.create_default_context())
        except BaseException:
            relay.close()
            raise
    return relay


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / SECOND, UTC)
