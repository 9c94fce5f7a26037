"""HTTP: feeds, pages, the API and what operators need. The only package that imports flask and jinja2."""
