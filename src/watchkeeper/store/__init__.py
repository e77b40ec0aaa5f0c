"""Where a watch keeps what it saw (a lake of Parquet files) and what was decided (an append-only log in SQL).

Knows records, events and documents of ``model``; not what a finding, an alert or a case means. The design is in
``docs/decisions/0016-store.md``.
"""
