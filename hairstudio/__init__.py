"""HairStudio: change hair in portrait photographs and leave everything else untouched."""

__version__ = "0.1.0"
