"""Bridges to other systems: their expressions read and written."""
