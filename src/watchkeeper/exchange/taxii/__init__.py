"""A TAXII 2.1 server over the hub: bytes in, bytes out.

Here live media types, questions, bodies, answers and the application (ASGI). It knows accounts, not passwords: who asks
is found out by a function that it is given.

Sources: OASIS, *TAXII Version 2.1*; RFC 9110 (HTTP semantics); RFC 7617 (Basic authentication).
"""
