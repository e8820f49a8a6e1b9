"""HTTP only: paths, tokens, bodies, problems. Knows no pixels and no SQL."""
