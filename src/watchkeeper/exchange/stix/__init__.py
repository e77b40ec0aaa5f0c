"""Our things as STIX 2.1, and back. One file a kind of thing; ``docs/reference/stix.md`` shows them all.

An object is made by a pure function of a :class:`~watchkeeper.exchange.stix.scope.Scope` and a thing; ``bundle.py``
puts them together, ``reading.py`` reads what others sent.

Source: OASIS, *STIX Version 2.1*, OASIS Standard (2021-06-10).
"""
