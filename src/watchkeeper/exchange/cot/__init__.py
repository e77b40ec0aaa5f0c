"""Cursor on Target: ships and findings as events for TAK, as XML or as TAK Protocol 1, in a file or sent."""
