"""Judging, comparing and timing edits of whole photos."""
