"""Observations as Parquet files by date: the same rows once by ship and once by time and place.

Here live writing, joining, reading, forgetting and checking of positions and static data, in a folder or in
S3-compatible object storage. What files count is said by the manifest of their date alone. Whoever opens a lake for
writing sees to it that nobody else does (``store/folder.py`` holds the lock).
"""

from watchkeeper.store.lake.lake import Info, Lake
from watchkeeper.store.lake.manifest import SCHEMA, Projection
from watchkeeper.store.lake.rows import BUCKETS, bucket_of
from watchkeeper.store.lake.scan import Replay
from watchkeeper.store.lake.verify import Damage

__all__ = ["BUCKETS", "SCHEMA", "Damage", "Info", "Lake", "Projection", "Replay", "bucket_of"]
