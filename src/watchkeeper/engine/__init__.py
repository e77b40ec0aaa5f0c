"""Order, clean, group, remember: one path for files read quickly and for feeds. Runs behaviours and judges.

Nothing here reads the clock or a setting; time comes with the records, settings come as arguments.
"""
