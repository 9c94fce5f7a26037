"""feedsvc: Chinese news as RSS, Atom and JSON feeds by category, keyword, region and source."""

__version__ = "0.1.0"
