"""Torch modules only."""
