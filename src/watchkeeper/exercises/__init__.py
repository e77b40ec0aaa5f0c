"""Simulated seas, scenario files, and the score of findings held against a known truth.

Imports every room below it; only the console and the commands import it. Everything drawn comes from a seed.
"""
