"""The words everybody here speaks: records, findings, assets, units, ids, time.

Imports nothing of ours but :mod:`watchkeeper.errors`. Reads no file, no clock, no setting.
"""
