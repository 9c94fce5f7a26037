"""Regions: real places, the right ones among namesakes, and nothing that only looks like one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from feedsvc.tagging import gazetteer, places
from feedsvc.tagging.regions import MOST, RegionFinder
from feedsvc.tagging.segment import Segmenter
from feedsvc.tagging.tokens import Token

Find = Callable[..., list[str]]


@pytest.fixture(scope="module")
def find() -> Find:
    regions = gazetteer.load()
    named = places.load(regions)
    segmenter = Segmenter(words=named.words())
    finder = RegionFinder(regions, named)

    def tokens(value: str) -> list[Token]:
        return segmenter.lexicon.tokens(segmenter.cut(value))

    def run(title: str, body: str = "", home: str | None = None) -> list[str]:
        return list(finder.find(tokens(title), tokens(body), home))

    return run


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("宁波港吞吐量再创新高", ["330200"]),
        ("烟台:海上牧场丰收", ["370600"]),
        ("禹城市打造产业园", ["371482"]),
        ("禹城打造产业园", ["371482"]),
        ("北林区下派农技员", ["231202"]),
        ("王益区培训农民", ["610202"]),
        ("北京人爱逛公园", ["110000"]),
        ("浙江省委部署防汛", ["330000"]),
        ("彬县整治河道", ["610482"]),
        ("崇文区旧照片展出", ["110101"]),
        ("哈市开通地铁", ["230100"]),
        ("汀州古城修缮", ["350821"]),
        ("实习学生组团来厦", ["350200"]),
        ("艺术团进京演出", ["110000"]),
        ("延边朝鲜族自治州办民俗节", ["222400"]),
        ("内蒙草原返青", ["150000"]),
    ],
)
def test_places(find: Find, title: str, codes: list[str]) -> None:
    assert find(title) == codes


@pytest.mark.parametrize(
    "title",
    [
        "两地合作开发水资源",
        "新华社发表评论",
        "他为人大方",
        "阿里发布财报",
        "昌河北斗星轿车停产",
        "珠江口开渔",
        "青岛啤酒股价上涨",
        "长安汽车发布新车",
        "宁波银行发布年报",
        "逛南京路步行街",
        "羊城晚报创刊纪念",
        "湖南卫视改版",
        "《北京时间》开播",
        "江山如画",
        "北海道下雪",
        "和田玉鉴赏",
        "王永兴说花生好吃",
        "城市领导力论坛",
        "全市场预期向好",
        "深山里的小学",
    ],
)
def test_what_only_looks_like_a_place(find: Find, title: str) -> None:
    assert find(title) == []


@pytest.mark.parametrize(
    ("title", "home", "codes"),
    [
        ("鼓楼区开办夜校", None, []),
        ("南京市鼓楼区开办夜校", None, ["320106"]),
        ("福州:鼓楼区开办夜校", None, ["350102"]),
        ("鼓楼区开办夜校", "320300", ["320302"]),
        ("鼓楼区开办夜校", "320311", ["320302"]),
        ("鼓楼区开办夜校", "350000", ["350102"]),
        ("吉林降雪", None, ["220000"]),
        ("吉林市降雪", None, ["220200"]),
        ("海南入夏", None, ["460000"]),
        ("青海海南州入夏", None, ["632500"]),
        ("浙江江山入夏", None, ["330881"]),
        ("江山入夏", "330881", ["330881"]),
    ],
)
def test_namesakes(find: Find, title: str, home: str | None, codes: list[str]) -> None:
    assert find(title, home=home) == codes


@pytest.mark.parametrize(
    ("title", "home", "codes"),
    [
        ("我市启动演练", "330400", ["330400"]),
        ("全市防汛会议召开", "330424", ["330400"]),
        ("我市启动演练", "330481", ["330481"]),
        ("我市启动演练", "110105", ["110000"]),
        ("我省入梅", "330424", ["330000"]),
        ("全省入梅", "330400", ["330000"]),
        ("我县修路", "330424", ["330424"]),
        ("县委开会", "330424", ["330424"]),
        ("我县修路", "330400", []),
        ("区人大常委会视察工地", "330402", ["330402"]),
        ("全区植树", "640000", ["640000"]),
        ("我区植树", "640181", ["640000"]),
        ("我区植树", "330400", []),
        ("我州植树", "222400", ["222400"]),
        ("我市启动演练", None, []),
        ("我市启动演练", "999999", []),
        ("景德镇一项目获全省第一", "330400", ["360200"]),
        ("区领导会见珠海市委会委员", "330400", ["440400"]),
        ("我市学习珠海经验", "330400", ["330400", "440400"]),
    ],
)
def test_home(find: Find, title: str, home: str | None, codes: list[str]) -> None:
    assert find(title, home=home) == codes


def test_the_most_specific_only(find: Find) -> None:
    assert find("浙江嘉兴办灯会") == ["330400"]
    assert find("浙江省嘉兴市海宁市办灯会") == ["330481"]
    assert find("浙江烟台两地结对") == ["330000", "370600"]
    assert find("浙江办灯会", "嘉兴的灯会最热闹。") == ["330400"]
    assert find("宁夏游客多", "银川、中卫的景区都满了。")[0] == "640000"


def test_the_title_comes_first_then_frequency(find: Find) -> None:
    body = "成都的展馆人多。成都的展商说，成都值得来。重庆也有人来。"
    assert find("西安办书展", body) == ["610100", "510100", "500000"]


def test_what_is_named_in_passing_is_left_out(find: Find) -> None:
    body = "西安书展开幕。西安的展馆里，" + "书友交流读书心得，" * 20 + "有书从大连来。西安明天继续。西安。"
    assert find("西安办书展", body) == ["610100"]


def test_the_number_is_limited(find: Find) -> None:
    assert len(find("南京、杭州、合肥、南昌、长沙、武汉、郑州、济南合办书展")) == MOST


def test_full_names_in_works_count(find: Find) -> None:
    assert find("《浙江省旅游条例》施行") == ["330000"]
    assert find("长篇小说《杭州往事》出版") == []


def test_long_names_become_short_tags() -> None:
    shortened = places.load(gazetteer.load()).shortened
    assert shortened["嘉兴市"] == "嘉兴"
    assert shortened["宁夏回族自治区"] == "宁夏"
    assert "王益区" not in shortened
    assert "江山市" not in shortened


def test_the_lists_agree_with_the_gazetteer() -> None:
    named = places.load(gazetteer.load())
    for code in (*named.abbreviations.values(), *(code for codes in named.names.values() for code in codes)):
        assert code in gazetteer.load()


def test_a_folder_is_never_needed_for_names(tmp_path: Path) -> None:
    assert "彬县" in places.load(gazetteer.load()).words()
    assert list(tmp_path.iterdir()) == []
