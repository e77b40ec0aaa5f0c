"""Public data from their publishers: lists, map layers, days of traffic; checked before use, kept in versions.

May live here: the catalogue of addresses (data), the download, the store of versions, conversions into forms
that layers read, and the check by the loader that will read the file later. The only room with a network.
"""
