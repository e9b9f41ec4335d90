"""Notation: from the graph to what an author would write (products, transposes, sums), as trees."""
