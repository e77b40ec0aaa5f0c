"""Attribution: who could have crossed an asset in a window."""

import asyncio
from typing import Final

from watchkeeper.api.declare import Call, Nothing, Reply, route
from watchkeeper.api.problems import Refused
from watchkeeper.api.services import Question, Services
from watchkeeper.cases.attribution.result import Attribution
from watchkeeper.errors import UsageError
from watchkeeper.model.time import from_iso, to_iso

_BUSY_S: Final = "20"


@route(
    "POST", "/api/v1/attribution", body=Question, answer=Attribution, scope="attribution:run", role="analyst",
    about="ship",
)  # fmt: skip
async def ask_attribution(call: Call[Nothing, Question]) -> Reply:
    """Every ship that crossed an asset in a window, or could have while not heard, by evidence."""
    services = call.services
    ask = services.attribute
    if ask is None:
        raise Refused(
            409, "This server does not answer questions of attribution.", "Use `watchkeeper attribute`."
        )
    question = _checked(call.body)
    with _Turn(services):
        answer = await asyncio.get_running_loop().run_in_executor(services.workers, ask, question)
    call.seen.extend(str(candidate.mmsi) for candidate in answer.candidates)
    return Reply(answer)


class _Turn:
    """A place among those who wait; only so many do."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def __enter__(self) -> None:
        limits = self._services.limits
        if self._services.asking >= limits.attributions_at_once + limits.attributions_waiting:
            raise Refused(
                503, "Many questions are waiting.", "Ask again in a while.", {"Retry-After": _BUSY_S}
            )
        self._services.asking += 1

    def __exit__(self, *error: object) -> None:
        self._services.asking -= 1


def _checked(question: Question) -> Question:
    try:
        from_iso(question.start), from_iso(question.end)
    except (ValueError, OverflowError) as error:
        raise UsageError("The window is not of two times.", f"Write start and end as {to_iso(0)}.") from error
    return question
