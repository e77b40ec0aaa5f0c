"""The store over HTTP, for the analyst's pages, programs and map clients: ``docs/decisions/0019-http-api.md``.

A route is declared once (:mod:`.declare`), in a file of its resource under ``routes/``. Who may use it is a matter of
``access/``. What ships, alerts and cases mean is decided in the rooms below; here they are only asked.
"""
