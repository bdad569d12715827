"""What the threads do, one task a file; frozen in, frozen out."""
