"""Exchange between hubs: pulling from and pushing to other nodes, or any TAXII 2.1 server.

Here live peers, the way to them, the walks over their collections and ours, where an object came from, and conflicts.
What comes in passes the same checks as what partners post; what goes out is what the peer would be given if it asked.

Source: OASIS, *TAXII Version 2.1*.
"""
