"""Expressions as text, LaTeX, code and pictures."""
