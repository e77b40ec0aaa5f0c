"""Names of the catalogue in place of paths: ``--list ofac-sdn`` is the version in use."""

from pathlib import Path

from watchkeeper.errors import FetchError
from watchkeeper.fetching.catalogue import catalogue
from watchkeeper.fetching.store import Store, unchanged


def resolved(path: Path, store: Store | None = None) -> Path:
    """The file a path or a name stands for; a file of that name comes first, an unknown name stays as it is.

    Raises:
        FetchError: a name of the catalogue that was not fetched yet, or whose file was changed since.
    """
    name = path.name
    if path.exists() or name not in catalogue() or catalogue()[name].by_day:
        return path
    version = (store or Store()).current(name)
    if version is None:
        raise FetchError(f"{name} was not fetched yet.", f"Run `watchkeeper fetch {name}`.")
    if not unchanged(version):
        raise FetchError(
            f"{version.path}: not the content that was fetched on {version.record.fetched[:10]}.",
            f"Remove it and run `watchkeeper fetch {name}`.",
        )
    return version.path
