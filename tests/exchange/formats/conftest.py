"""The simulated day with a case, of the tests of STIX."""

from exchange.stix.conftest import day as day
