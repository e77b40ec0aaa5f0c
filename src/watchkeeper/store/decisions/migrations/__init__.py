"""The steps by which the tables of the log came to what they are. Forward only; run by ``schema.py``."""
