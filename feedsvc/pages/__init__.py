"""One page of the web -> the article on it: what it declares, what a reader sees, and the text."""
