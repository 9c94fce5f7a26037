"""The command line. The only package that imports click and rich."""

from feedsvc.cli.main import main

__all__ = ["main"]
