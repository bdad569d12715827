"""The tools: each a small class that answers the pointer with a gesture."""
