"""The judges: what changed outside, texture, parsing agreement, hairline, colour."""
