"""watchkeeper: observe ship traffic, find explainable behaviour, raise the few ships that matter.

The rooms, and the one direction in which they may import each other, are drawn in
``docs/decisions/0001-the-house.md`` and checked by ``tests/test_house.py``.
"""

__version__ = "0.1.0"
