"""End-to-end tests: feedsvc run as its users run it."""
