"""What leaves to partners and comes from them: the release gate, the hub, and one file per format or protocol.

Nothing leaves without a decision of ``release.py``, and every decision is written down with its reason.
"""
