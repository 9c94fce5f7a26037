"""Tests of feedsvc."""
