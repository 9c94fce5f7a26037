"""Selections -> addresses, feeds and their bytes."""
