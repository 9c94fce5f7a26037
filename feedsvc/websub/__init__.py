"""WebSub (https://www.w3.org/TR/websub/): pings for public hubs, and a small hub of our own."""
