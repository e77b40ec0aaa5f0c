"""Live feeds: one file per transport, the spool behind them, and how healthy each is.

A feed gives raw lines and when each was heard; nothing here knows what they say, but for the time they carry. With
``fetching`` and ``notify`` the only room that opens connections. The design is in ``docs/decisions/0017-watch.md``.
"""
