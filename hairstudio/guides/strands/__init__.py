"""Hair drawn strand by strand: fields, growth, locks, shading, raster."""
