"""An HTML page -> title, dates, author, body: what is read from it, as a raw article."""

from datetime import datetime

from feedsvc.model import Enclosure, RawArticle
from feedsvc.pages.reading import read_page


def extract(html: str, *, url: str | None, now: datetime) -> RawArticle:
    """The article of a page that was served from `url`; what was not found is None, the title "".

    `now` is what relative dates are counted from. The body is HTML, unsafe still, without the headline,
    byline and furniture of the page. The author is who wrote it, else the paper it comes from. Never raises
    for any `html`.
    """
    reading = read_page(html, url=url, now=now)
    picture = reading.image if reading.image and not reading.images else None
    return RawArticle(
        title=reading.title or "",
        link=reading.link,
        html=reading.html,
        author=reading.author or reading.source_name,
        published=reading.published,
        updated=reading.updated,
        keywords=reading.keywords,
        enclosures=(Enclosure(url=picture, type=""),) if picture else (),
        base_url=reading.base_url,
    )
