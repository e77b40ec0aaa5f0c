"""The hub: collections, the STIX objects in them, who pulled what; in the store's database.

Here live the tables and their steps, what is checked of an object that comes in, adding, reading and deleting. Nothing
here knows HTTP: ``exchange/taxii`` is one way to it, sharing and node-to-node exchange are others.
"""
