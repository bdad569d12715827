"""Model files: catalogue, download, verification, import."""
