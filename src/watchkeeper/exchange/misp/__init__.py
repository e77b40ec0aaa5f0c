"""MISP: events written with PyMISP and read back, feeds, the push to a server, and our vocabulary in MISP's form.

``vocabulary.py`` taxonomy, galaxy and object template (the files lie in ``data/``); ``marks.py`` markings as tags,
distribution and sharing groups; ``events.py`` things as events; ``reading.py`` events of others; ``feed.py`` feeds;
``push.py`` the REST interface.

Sources: MISP core format (draft-dulaunoy-misp-core-format), taxonomy format, galaxy format and object template format
(CIRCL), PyMISP 2.5.
"""
