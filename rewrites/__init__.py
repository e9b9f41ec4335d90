"""The catalogue: named equations, by theory. It reads like a table of mathematics."""
