"""What leaves the house: an outbox, one file per way out. Design: ``docs/decisions/0018-alarms-and-cases.md``."""
