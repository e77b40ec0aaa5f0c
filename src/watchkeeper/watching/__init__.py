"""The runner of a live watch: what comes through feeds goes through the engine into the store; and replay.

Everything behind the spool is a function of its content and of the times at which feeds were not live. No clock here:
``now`` is an argument. The design is in ``docs/decisions/0017-watch.md``.
"""
