"""The data lab's page. All work is done by other processes that talk JSON lines."""
