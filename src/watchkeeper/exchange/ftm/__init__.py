"""FollowTheMoney: ships, who stands behind them, and listings, one entity a line, as OpenSanctions and Aleph read them.

Every property is a list of texts. ``Vessel`` is the ship; ``Sanction`` an entry of a list that names it (any list: the
authority says which); ``LegalEntity`` who stands behind it, through ``Ownership`` or, for operators, managers and
insurers, ``UnknownLink``. Our marking stands in ``notes``.

Schema: https://followthemoney.tech/explorer/ (4.11). Its library is not used: entities are written by its documented
schema.
"""
