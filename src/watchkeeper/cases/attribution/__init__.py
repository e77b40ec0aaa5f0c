"""Which ships crossed an asset in a window, or could have: search, possible ways, habits, evidence. Reads no file."""
