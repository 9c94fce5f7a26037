"""Measurements that print figures side by side; no tests."""
