"""Which of the regions that a text names it is about."""

from collections.abc import Sequence
from typing import NamedTuple

from feedsvc.tagging.gazetteer import Gazetteer
from feedsvc.tagging.mentions import SEEN, How, Mention

MOST = 5  # regions of one article
TITLE, LEAD, BODY = 10.0, 3.0, 1.0  # what one mention weighs, by where it stands
LEAD_LENGTH = 120  # characters
FAINT = 0.33  # below this share of the strongest, a region is mentioned in passing
FAINT_TITLED = 0.25  # ... if the title names it as well
LEAST = 2.5  # a weight below which the body alone makes no region; the title needs less
LEAST_TITLED = 1.5
SCATTERED = 4  # regions that the body alone names, each once or twice: it is about none of them


class Weighed(NamedTuple):
    """A mention whose region is decided. `titled`: it stands in the title."""

    code: str
    mention: Mention
    weight: float
    titled: bool


class _Region:
    """What speaks for a region."""

    __slots__ = ("count", "headed", "lead", "only_line", "ours", "rival", "solid", "sure", "titled", "weight")

    def __init__(self) -> None:
        self.weight = 0.0
        self.count = 0
        self.titled = False
        self.headed = False
        self.lead = False
        self.solid = False
        self.sure = False
        self.only_line = True
        self.ours = 0.0  # of `weight`: by 我市 and the like
        self.rival = 0.0  # of `weight`: by its own name in the body


def choose(weighed: Sequence[Weighed], gazetteer: Gazetteer) -> tuple[tuple[str, ...], dict[str, str]]:
    """The codes, those of the title first, then by weight, at most MOST; and of the others, which gave its
    weight to which region below it."""
    regions = _summed(weighed)
    heirs = _keep_specific(regions, gazetteer)
    lined = {each.code for each in weighed if each.mention.how is How.ALL}
    _drop_lines(regions, gazetteer, lined)
    most = max((region.weight for region in regions.values()), default=0)
    ranked = sorted(regions, key=lambda code: (not regions[code].titled, -regions[code].weight))
    chosen = []
    for code in ranked:
        region = regions[code]
        share = FAINT_TITLED if region.titled and region.rival else FAINT
        least = LEAST_TITLED if region.titled else BODY if region.ours else LEAST
        if region.headed or region.weight >= max(least, share * most):
            chosen.append(code)
    if len(chosen) >= SCATTERED and most <= 2 * LEAD and not regions[chosen[0]].titled:
        return (), heirs
    return tuple(chosen[:MOST]), heirs


def _keep_specific(regions: dict[str, _Region], gazetteer: Gazetteer) -> dict[str, str]:
    """Leave out what holds another region that the article is about, and give its weight to that one;
    or, where what it holds is only where something stands, that. The heirs, by code."""
    heirs: dict[str, str] = {}
    for code in sorted(regions, key=lambda code: -len(gazetteer.ancestors(code))):
        below = [each for each in regions if code in gazetteer.ancestors(each)]
        if not below:
            continue
        upper = regions[code]
        heir = _heir(upper, {each: regions[each] for each in below}, gazetteer)
        if heir is None:
            for each in below:
                del regions[each]
            continue
        del regions[code]
        heirs[code] = heir
        one = regions[heir]
        one.weight += upper.weight
        one.titled = one.titled or upper.titled
        one.only_line = one.only_line and upper.only_line
    return heirs


def _heir(upper: _Region, below: dict[str, _Region], gazetteer: Gazetteer) -> str | None:
    """The region below another that an article which names both is about; None if about the whole."""
    ranked = sorted(below, key=lambda code: (not below[code].titled, -below[code].weight))
    if not upper.only_line and below[ranked[0]].only_line:
        return None
    best = below[ranked[0]]
    second = below[ranked[1]].weight if len(ranked) > 1 else 0.0
    if best.titled:
        return ranked[0]
    if upper.only_line or (upper.titled and not upper.solid):
        return None
    if not (best.sure and best.lead) and best.count < 2:
        return None
    rival = upper.rival
    if upper.ours and _district(ranked[0], gazetteer):
        rival += upper.ours + 1
    if second * 2 > best.weight and (upper.titled or rival >= best.weight):
        return None
    return ranked[0] if best.weight >= rival else None


def _district(code: str, gazetteer: Gazetteer) -> bool:
    """Whether a region is a part of its city, and no county of its own."""
    region = gazetteer.get(code)
    return region is not None and region.name[-1] == "区"


def _summed(weighed: Sequence[Weighed]) -> dict[str, _Region]:
    """What speaks for each region. A dateline speaks only where the text names its region too, or none."""
    regions: dict[str, _Region] = {}
    dated: list[Weighed] = []
    for code, mention, weight, titled in weighed:
        if mention.how is How.DATELINE:
            dated.append(Weighed(code, mention, weight, titled))
            continue
        region = regions.get(code)
        if region is None:
            region = regions[code] = _Region()
        region.weight += weight
        if titled:
            region.titled = True
            region.headed = region.headed or mention.share == 1
        else:
            region.count += 1
            if mention.how is How.HOME:
                region.ours += weight
            elif mention.share > SEEN:
                region.rival += weight
            region.lead = region.lead or mention.start < LEAD_LENGTH
        region.solid = region.solid or not mention.passing
        region.sure = region.sure or mention.sure
        region.only_line = region.only_line and mention.how is How.ALL
    alone = not regions
    for code, _, weight, _ in dated:
        if code in regions:
            regions[code].weight += weight
        elif alone and weight:
            regions[code] = one = _Region()
            one.weight, one.lead, one.sure, one.only_line = weight, True, True, False
    return regions


def _drop_lines(regions: dict[str, _Region], gazetteer: Gazetteer, lined: set[str]) -> None:
    """The ends of a railway are what an article is about only if it names no place elsewhere as strongly."""
    ends = [code for code in regions if regions[code].only_line]
    if not ends:
        return
    titled = any(regions[code].titled for code in ends)
    for code, region in regions.items():
        elsewhere = code not in lined and (region.titled or lined.isdisjoint(gazetteer.ancestors(code)))
        if elsewhere and region.titled >= titled and region.weight >= LEAST:
            break
    else:
        return
    for code in ends:
        del regions[code]
