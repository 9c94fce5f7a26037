"""Bytes -> raw articles, one module a kind of source. Nothing here opens a socket."""
