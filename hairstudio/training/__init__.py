"""Training the prior, the fused editor and the baselines."""
