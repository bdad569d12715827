"""Small controls of our own, each drawn from the theme's tokens."""
