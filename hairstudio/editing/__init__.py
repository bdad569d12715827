"""Edits, documents and the engine that turns them into patches."""
