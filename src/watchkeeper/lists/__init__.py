"""Sanctions and vessel lists: reading them, matching ships against them, and saying what was consulted.

May live here: one file per list format (``formats/``), the entry, matching, the check of one ship, flag
states. Imports :mod:`watchkeeper.model` only, and no numpy where a single ship is checked.
"""
