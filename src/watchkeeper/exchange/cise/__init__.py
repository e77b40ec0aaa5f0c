"""EU CISE 1.5.3, the Common Information Sharing Environment: vessels, anomalies, incidents and risks as messages.

``words.py`` the vocabulary; ``entities.py`` things as entities; ``messages.py`` the envelope; ``reading.py`` messages
of others; ``schemas.py`` the check against a copy of the schemas, which are not shipped.

Source: EU CISE data model and service model 1.5.3 (JRC, BSD-3-Clause), XSD of 2017-05-29; https://w3id.org/cise.
"""
