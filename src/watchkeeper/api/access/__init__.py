"""Who may use the API: users, roles, organisations, passwords, sessions, keys, OIDC, limits, and the audit.

Nothing here knows what a ship or an alert is.
"""
