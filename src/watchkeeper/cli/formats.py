"""``formats``: which there are, whether a CISE message fits the schemas, and our vocabulary for MISP."""

from pathlib import Path
from typing import Annotated, Any

import typer

from watchkeeper.cli import options
from watchkeeper.cli.output import for_programs, print_lines, print_page, print_text, table
from watchkeeper.errors import InputError, OutputError

app = typer.Typer(no_args_is_help=True)


@app.callback()
def formats() -> None:
    """Formats of exchange: what there is, and checks.

    Example: watchkeeper formats list
    """


@app.command("list")
def list_(as_json: options.Json = None) -> None:
    """Every format: whether it is written, read or sent.

    Example: watchkeeper formats list
    """
    from watchkeeper.exchange.formats import all_formats

    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "title": one.title,
            "written": one.write is not None,
            "read": one.read is not None,
            "sent_to": list(one.schemes),
            "media": one.media,
        }
        for one in all_formats().values()
    ]
    if for_programs(as_json):
        print_lines(rows)
        return
    print_page(
        table(
            ("Format", "What", "Written", "Read", "Sent to"),
            ([r["name"], r["title"], r["written"], r["read"], " ".join(r["sent_to"])] for r in rows),
        )
    )


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A message of EU CISE.")],
    schemas: Annotated[
        Path,
        typer.Option(
            "--schemas", metavar="PATH", help="The schemas: an archive, a folder, or `cise` as fetched."
        ),
    ] = Path("cise"),
) -> None:
    """Check a message of EU CISE against the schemas, which are not shipped: `watchkeeper fetch cise` gets them.

    Example: watchkeeper formats check anomalies.xml
    """
    from watchkeeper.exchange.cise.schemas import faults
    from watchkeeper.fetching.names import resolved

    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}.", "Give a file that can be read.") from error
    found = faults(data, resolved(schemas))
    print_text(found)
    if found:
        raise InputError(f"{file} does not fit the schemas: {len(found)} faults.", "Ask whoever wrote it.")


@app.command("misp-vocabulary")
def misp_vocabulary(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to.")] = Path("misp-vocabulary"),
) -> None:
    """Write our taxonomy, galaxy and object template, laid out as MISP's repositories have them.

    Example: watchkeeper formats misp-vocabulary --out misp-vocabulary
    """
    from watchkeeper.exchange.misp.vocabulary import shipped

    for name, data in shipped().items():
        path = out / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise OutputError(
                f"{path} cannot be written: {error.strerror}.", "Choose another folder."
            ) from error
        print_text([str(path)])
