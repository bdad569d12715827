"""Photos in and out, geometry, blending, compiled kernels. No torch, no Qt."""
