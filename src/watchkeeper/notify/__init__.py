"""What leaves the house: an outbox, one file per way out. The design is in ``docs/decisions/0018-alarms-and-cases.md``."""
