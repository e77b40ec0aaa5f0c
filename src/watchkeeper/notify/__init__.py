"""What leaves the house: an outbox, and one file per way out (webhook, mail, chat). See ``docs/decisions/0018-alarms-and-cases.md``."""
