"""Baselines that learn without pairs, in their smallest honest form."""
