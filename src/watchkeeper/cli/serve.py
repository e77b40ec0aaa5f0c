"""``serve``: the store over HTTP."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TextIO

import typer

from watchkeeper import log
from watchkeeper.cli import desk, options
from watchkeeper.errors import ConfigError, OutputError, UsageError

if TYPE_CHECKING:
    from watchkeeper.api.access.oidc import Provider
    from watchkeeper.api.server import Listening
    from watchkeeper.api.services import CaseObjects, Question, Services
    from watchkeeper.cases.attribution.result import Attribution
    from watchkeeper.exchange.things import Marked
    from watchkeeper.model.asset import Asset
    from watchkeeper.store.folder import Store

SECRET: Final = "WATCHKEEPER_OIDC_SECRET"  # noqa: S105 - the name of a variable
_ASSETS: Final = "assets.geojson"
_TURN_S: Final = 0.0005
"""How long a thread keeps the interpreter while others wait: the loop that sends answers needs it often and briefly."""

_TLS: Final = "TLS"
_OIDC: Final = "Sign-in by OpenID Connect"


def serve(
    store: desk.StoreDir,
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.")] = 8700,
    tls_cert: Annotated[
        Path | None,
        typer.Option("--tls-cert", metavar="FILE", help="Certificate (PEM).", rich_help_panel=_TLS),
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", help="Its key (PEM).", rich_help_panel=_TLS)
    ] = None,
    insecure: Annotated[
        bool,
        typer.Option(
            "--insecure",
            help="Without TLS also where others reach it; passwords go in the clear.",
            rich_help_panel=_TLS,
        ),
    ] = False,
    trust_proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--trust-proxy",
            metavar="ADDRESS",
            help="A proxy whose forwarded headers count. Repeatable.",
            rich_help_panel=_TLS,
        ),
    ] = None,
    layers: options.Layers = None,
    config: options.Config = None,
    access_log: Annotated[
        str | None,
        typer.Option(
            "--access-log", metavar="FILE", help="A JSON line for each answer; `-` is standard error."
        ),
    ] = None,
    oidc_issuer: Annotated[
        str | None,
        typer.Option("--oidc-issuer", metavar="URL", help="The provider.", rich_help_panel=_OIDC),
    ] = None,
    oidc_client: Annotated[
        str | None,
        typer.Option(
            "--oidc-client",
            metavar="ID",
            help=f"Our id there; the secret is in {SECRET}.",
            rich_help_panel=_OIDC,
        ),
    ] = None,
    oidc_new_role: Annotated[
        str | None,
        typer.Option(
            "--oidc-new-role",
            metavar="ROLE",
            help="What somebody becomes who comes for the first time.",
            show_default="nobody comes who was not added",
            rich_help_panel=_OIDC,
        ),
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            "--public-url", metavar="URL", help="How browsers reach this server.", rich_help_panel=_OIDC
        ),
    ] = None,
) -> None:
    """Serve a store over HTTP: ships, tracks, findings, alerts, cases; and as an exchange hub, by TAXII 2.1.

    The first start prints a link, valid once and for an hour, that makes the first administrator.

    Example: watchkeeper serve --store watch --layer cables.geojson
    """
    from watchkeeper.api import server
    from watchkeeper.cli.config import in_force
    from watchkeeper.exchange.hub.settings import apply, settings_of
    from watchkeeper.store.folder import Store

    listening = server.Listening(
        host=host,
        port=port,
        certificate=tls_cert,
        key=tls_key,
        insecure=insecure,
        trusted=server.proxies(trust_proxy),
    )
    server.check(listening)
    provider = _provider(oidc_issuer, oidc_client, oidc_new_role, public_url or listening.origin)
    exchange = settings_of(in_force(config, None).exchange)
    with Store.open(store, write=False, decide=True, projectors=desk.projectors()) as held:
        services = _services(held, _assets(store, layers), provider)
        apply(services.hub.collections, exchange)
        _run(services, listening, access_log)


def _services(held: "Store", assets: "list[Asset]", provider: "Provider | None") -> "Services":
    from watchkeeper.api.assembly import services_of
    from watchkeeper.api.observed import Observed

    return services_of(
        Observed(lambda: held.lake),
        held.decisions,
        held.engine,
        desk.now_ms,
        assets=assets,
        attribute=_attribution(held.where),
        case_objects=_case_objects(held.where),
        provider=provider,
    )


def _run(services: "Services", listening: "Listening", access_log: str | None) -> None:
    from watchkeeper.api.app import make_app
    from watchkeeper.api.server import bound, make_server

    sys.setswitchinterval(_TURN_S)
    with _access_log(access_log) as stream, bound(listening) as (listener, origin):
        running = make_server(make_app(services, stream), listening)
        _say(services, origin)
        running.run(sockets=[listener])


def _say(services: "Services", origin: str) -> None:
    from watchkeeper.api.assembly import first_admin_link

    talk = log.talk()
    link = first_admin_link(services.desk, origin, desk.now_ms())
    talk.print(f"serving at {origin} (what there is: {origin}/openapi.json)")
    if services.hub.collections.roots():
        talk.print(f"TAXII 2.1 at {origin}/taxii2/")
    if link is not None:
        talk.print(f"nobody can administer yet. Within an hour, once: {link}")


def _assets(store: Path, layers: list[Path] | None) -> "list[Asset]":
    """Assets that were watched, and those of further layers."""
    from watchkeeper.fetching.names import resolved
    from watchkeeper.layers.reading import load_layer
    from watchkeeper.scanned import read_assets

    kept = store / _ASSETS
    found = read_assets(kept) if kept.is_file() else []
    return [*found, *(asset for path in layers or () for asset in load_layer(resolved(path)))]


def _attribution(store: Path) -> "Callable[[Question], Attribution]":
    def answer(question: "Question") -> "Attribution":
        from watchkeeper.attribute import Request, attribute
        from watchkeeper.model.time import from_iso

        start, end = from_iso(question.start), from_iso(question.end)
        return attribute(Request(store, question.asset, start, end, question.place, question.uncertainty_m))

    return answer


def _case_objects(store: Path) -> "CaseObjects":
    def gather(case: str, realm: str, by: str, markings: "Marked") -> "list[dict[str, Any]]":
        from watchkeeper.exchange.stix.bundle import bundle_of_case
        from watchkeeper.gathering import things_of_store

        return bundle_of_case(
            things_of_store(store, case=case, realm=realm, author=by, markings=markings), case
        )

    return gather


def _provider(issuer: str | None, client: str | None, new_role: str | None, public: str) -> "Provider | None":
    if issuer is None:
        if client or new_role:
            raise UsageError("A provider is not named.", "Give --oidc-issuer too.")
        return None
    from watchkeeper.api.access.oidc import Provider, Settings
    from watchkeeper.api.access.users import checked_role

    secret = os.environ.get(SECRET, "")
    if not client or not secret:
        raise ConfigError(
            "Our id and secret at the provider are not both known.",
            f"Give --oidc-client, and the secret in {SECRET}.",
        )
    role = None if new_role is None else checked_role(new_role)
    return Provider(
        Settings(issuer=issuer, client_id=client, client_secret=secret, public=public, new_role=role)
    )


@contextmanager
def _access_log(where: str | None) -> Iterator[TextIO | None]:
    """The stream of the access log; None where none is wanted."""
    # What goes wrong behind an answer is uvicorn's to say, on our log.
    logging.getLogger("uvicorn.error").parent = logging.getLogger(log.LOGGER)
    if where is None or where == "-":
        yield sys.stderr if where == "-" else None
        return
    try:
        stream = Path(where).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115 - closed below
    except OSError as error:
        raise OutputError(f"{where}: {error.strerror}.", "Choose another file for --access-log.") from error
    with stream:
        yield stream
