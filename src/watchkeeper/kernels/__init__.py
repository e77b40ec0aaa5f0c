"""Pure array functions: decode, group, geodesy, runs, meetings, lines. numpy and numba, nothing else.

No I/O, no clock, no settings, no state but what is passed in. Every kernel says its shapes and units.
"""
