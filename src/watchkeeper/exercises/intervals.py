"""Confidence intervals: proportions, rates of rare events, quantiles. All 95 %, two-sided, unless said otherwise."""

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Final

CONFIDENCE: Final = 0.95
_HALVINGS: Final = 80

Interval = tuple[float, float]


def wilson(hits: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """The score interval of a proportion (E. B. Wilson, 1927, J. Am. Stat. Assoc. 22:209); (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    share, spread = hits / trials, z * z / trials
    middle = share + spread / 2.0
    reach = z * math.sqrt(share * (1.0 - share) / trials + spread / (4.0 * trials))
    # Without rounding errors the score interval ends at 0 and 1 where the proportion does.
    low = 0.0 if hits == 0 else (middle - reach) / (1.0 + spread)
    high = 1.0 if hits == trials else (middle + reach) / (1.0 + spread)
    return low, high


def poisson(count: int, exposure: float, confidence: float = CONFIDENCE) -> Interval:
    """The exact interval of a rate (F. Garwood, 1936, Biometrika 28:437) per unit of ``exposure``."""
    if exposure <= 0.0:
        return 0.0, math.inf
    tail = (1.0 - confidence) / 2.0
    most = count + 10.0 * math.sqrt(count + 1.0) + 10.0
    low = 0.0 if count == 0 else _solve(lambda mean: _at_most(count - 1, mean) > 1.0 - tail, most)
    return low / exposure, _solve(lambda mean: _at_most(count, mean) > tail, most) / exposure


def quantile(
    values: Sequence[float], share: float, confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    """A quantile and its interval from order statistics, whatever the distribution (David and Nagaraja, 2003, 7.1).

    An end for which there are too few values is minus or plus infinity; all three are NaN without values.
    """
    if not values:
        return math.nan, math.nan, math.nan
    ordered = sorted(values)
    n, tail = len(ordered), (1.0 - confidence) / 2.0
    below = [0.0]
    for k in range(n):
        choices = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        below.append(below[-1] + math.exp(choices + k * math.log(share) + (n - k) * math.log1p(-share)))
    # below[k]: the chance that fewer than k values lie under the quantile.
    lower = max((k for k in range(1, n + 1) if below[k] <= tail), default=0)
    upper = min((k for k in range(1, n + 1) if below[k] >= 1.0 - tail), default=0)
    at = ordered[min(n - 1, math.ceil(share * n) - 1)]
    if share == 0.5:
        at = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2.0
    return at, ordered[lower - 1] if lower else -math.inf, ordered[upper - 1] if upper else math.inf


def _at_most(count: int, mean: float) -> float:
    """Chance of at most ``count`` events where ``mean`` are expected."""
    if mean <= 0.0:
        return 1.0
    logarithms = [k * math.log(mean) - mean - math.lgamma(k + 1) for k in range(count + 1)]
    largest = max(logarithms)
    return math.exp(largest) * math.fsum(math.exp(x - largest) for x in logarithms)


def _solve(above: Callable[[float], bool], most: float) -> float:
    """Where a condition that holds at zero ceases to hold."""
    low, high = 0.0, most
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if above(middle) else (low, middle)
    return high
