"""Moving real pixels: fold-free displacement, texture that keeps its size, background behind."""
