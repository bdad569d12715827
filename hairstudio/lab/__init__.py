"""Paired samples by iterative reconstruction (data lab)."""
