"""The store over HTTP: for the analyst's pages, for programs, for map clients. See ``docs/decisions/0019-http-api.md``."""
