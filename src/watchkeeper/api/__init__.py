"""The store over HTTP, for the analyst's pages, programs and map clients: ``docs/decisions/0019-http-api.md``."""
