"""The report: one page made of a scan's results, which opens from disk without a network.

May live here: what gathers a scan's results, packs them and writes the page. The page itself is
``web/`` (TypeScript), built into ``assets/`` by ``make setup``.
"""
