"""Findings become alerts: one a ship, ranked, with the reasons as a tree. Later: cases and triage."""
