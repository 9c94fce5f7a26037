"""What a Chinese article is about: keywords, news category, regions of China."""
