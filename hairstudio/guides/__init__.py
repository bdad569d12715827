"""Hair edits drawn procedurally: the coarse edit that the fused editor refines."""
