"""Regions: real places, the right ones among namesakes, and only those that the article is about."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.tagging import gazetteer, places
from feedsvc.tagging.choice import MOST, TITLE
from feedsvc.tagging.places import Kind
from feedsvc.tagging.regions import Evidence, RegionFinder
from feedsvc.tagging.segment import Segmenter

Find = Callable[..., list[str]]
Explain = Callable[..., list[Evidence]]


PIECES = (
    *("我市", "市教育局", "浙江", "嘉兴", "宁夏", "大方", "来厦", "台青", "西成高铁", "南京路", "大学"),
    *("、", "《", "》", "。", "赴", "说", "路", "3月5日电"),
)


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(words=places.load(gazetteer.load()).words())


@pytest.fixture(scope="module")
def finder(segmenter: Segmenter) -> RegionFinder:
    return RegionFinder(gazetteer.load(), places.load(gazetteer.load()), segmenter.lexicon)


@pytest.fixture(scope="module")
def find(segmenter: Segmenter, finder: RegionFinder) -> Find:
    def run(title: str, body: str = "", home: str | None = None) -> list[str]:
        return list(finder.find(segmenter.cut(title), segmenter.cut(body), home))

    return run


@pytest.fixture(scope="module")
def explain(segmenter: Segmenter, finder: RegionFinder) -> Explain:
    def run(title: str, body: str = "", home: str | None = None) -> list[Evidence]:
        return finder.explain(segmenter.cut(title), segmenter.cut(body), home)

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
        ("方城县妇联牵手留守儿童", ["411322"]),
        ("北京人爱逛公园", ["110000"]),
        ("浙江省委部署防汛", ["330000"]),
        ("彬县整治河道", ["610482"]),
        ("崇文区旧照片展出", ["110101"]),
        ("襄樊老照片征集", ["420600"]),
        ("延边朝鲜族自治州办民俗节", ["222400"]),
        ("云南昆明普降大雨", ["530100"]),
        ("新疆棉农喜获丰收", ["650000"]),
        ("舟山渔场开渔", ["330900"]),
        ("宁波电网负荷再创新高", ["330200"]),
        ("国网嘉兴供电公司夜巡线路", ["330400"]),
        ("西安交警上路夜查", ["610100"]),
        ("黄河兰州段水鸟成群", ["620100"]),
        ("宏村又到写生季", ["341000"]),
        ("外滩亮起新灯光", ["310000"]),
        ("台北灯会亮灯", ["710000"]),
        ("舟山、宁波合办海鲜节", ["330900", "330200"]),
        ("雄安新区新添三所学校", ["130000"]),
    ],
)
def test_places(find: Find, title: str, codes: list[str]) -> None:
    assert find(title) == codes


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("哈市开通地铁", ["230100"]),
        ("汀州古城修缮", ["350821"]),
        ("羊城开出夜航船", ["440100"]),
        ("蓉城茶馆换新颜", ["510100"]),
        ("鹏城新添三座公园", ["440300"]),
        ("冰城供暖提前", ["230100"]),
        ("榕城老巷开书场", ["350100"]),
        ("泉城免费开放泉池", ["370100"]),
        ("内蒙草原返青", ["150000"]),
        ("甬企造出新机床", ["330200"]),
        ("浙企赴川考察", ["330000"]),
        ("实习学生组团来厦", ["350200"]),
        ("凉山州修通山路", ["513400"]),
        ("酉阳县古镇亮灯", ["500242"]),
        ("两百名台青来厦实习", ["350200", "710000"]),
        ("在甬高校合办招聘会", ["330200"]),
        ("首批援疆医生抵蓉", ["650000", "510100"]),
        ("艺术团进京演出", ["110000"]),
        ("苏北农家书屋上新", ["320000"]),
    ],
)
def test_nicknames_and_abbreviations(find: Find, title: str, codes: list[str]) -> None:
    assert find(title) == codes


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("西成高铁增开动车", ["610100", "510100"]),
        ("沪宁高速改扩建", ["310000", "320100"]),
        ("杭绍台铁路客流大增", ["330100", "330600", "331000"]),
        ("成渝双城共办消费季", ["510100", "500000"]),
        ("京津冀联手治气", ["110000", "120000", "130000"]),
        ("粤港澳大湾区办音乐节", ["440000", "810000", "820000"]),
        ("长三角一体化再提速", []),
        ("沪昆高铁贵州段提速", ["520000"]),
        ("川藏铁路雅安段隧道贯通", ["511800"]),
        ("京雄高速通车 北京到雄安一小时", ["110000", "130000"]),
    ],
)
def test_lines_and_areas(find: Find, title: str, codes: list[str]) -> None:
    assert find(title) == codes


def test_what_lies_on_a_line_is_named_in_passing(find: Find) -> None:
    body = "杭绍台铁路沿线的天台、临海、温岭站周末一票难求。"
    assert find("杭绍台铁路客流大增", body) == ["330100", "330600", "331000"]
    assert find("列车员的一天", "她在京广高铁上值乘十年，家在郴州，孩子也在郴州上学。") == ["431000"]


@pytest.mark.parametrize(
    "title",
    [
        "两地合作开发水资源",
        "新华社发表评论",
        "他为人大方",
        "人要大方漆不能大方",
        "阿里发布财报",
        "昌河北斗星轿车停产",
        "珠江口开渔",
        "青岛啤酒股价上涨",
        "长安汽车发布新车",
        "宁波银行发布年报",
        "浙商银行发布年报",
        "厦门航空开通新航线",
        "南京西路换新路灯",
        "北京东路小学开学",
        "中山公园的荷花开了",
        "羊城晚报创刊纪念",
        "湖南卫视改版",
        "《北京时间》开播",
        "一首《成都》唱哭全场",
        "江山如画",
        "北海道下雪",
        "和田玉鉴赏",
        "福罗里达州迎来飓风",
        "兰州拉面馆开到海外",
        "重庆火锅怎么炒底料",
        "一碗重庆小面的秘密",
        "普洱茶怎么泡",
        "闽南语歌曲大赛开唱",
        "三明治怎么做",
        "大理石怎么选",
        "王永兴说花生好吃",
        "李大方退休学画",
        "歌手宁夏发布新歌",
        "宁夏两跳满分锁定头名",
        "新丰镇举办龙舟赛",
        "永兴镇小学落成",
        "今日开封仪式举行",
        "全家安康",
        "城市领导力论坛",
        "全市场预期向好",
        "深山里的小学",
        "看台上座无虚席",
        "渔船回港避风",
        "换下中卫改打三后卫",
        "沿河步道亮灯",
        "英德两国足球赛",
        "桂花满城香",
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
        ("福州:鼓楼区开办夜校", "320300", ["350102"]),
        ("通州开办夜校", None, []),
        ("南通通州区开办夜校", None, ["320612"]),
        ("江城夜游升温", None, []),
        ("江城夜游升温", "420106", ["420100"]),
        ("资阳区:提升资阳小学语文教学", None, ["430902"]),
        ("长沙县办运动会 长沙机关派队", None, ["430121"]),
        ("吉林降雪", None, ["220000"]),
        ("吉林市降雪", None, ["220200"]),
        ("甘肃临夏州东乡县入夏", None, ["622926"]),
        ("海南入夏", None, ["460000"]),
        ("青海海南州入夏", None, ["632500"]),
        ("浙江江山入夏", None, ["330881"]),
        ("江山入夏", "330881", ["330881"]),
        ("连云港东海水晶节开幕", None, ["320722"]),
    ],
)
def test_namesakes(find: Find, title: str, home: str | None, codes: list[str]) -> None:
    assert find(title, home=home) == codes


def test_the_dateline_decides_between_namesakes(find: Find) -> None:
    body = "朝阳区两名租户因推车上楼充电被罚款。"
    assert find("推车上楼充电被罚", f"本报北京讯 {body}") == ["110105"]
    assert find("推车上楼充电被罚", f"本报长春讯 {body}") == ["220104"]
    assert find("推车上楼充电被罚", body) == []
    assert find("推车上楼充电被罚", body, "220100") == ["220104"]


def test_a_word_is_a_place_once_it_is_confirmed(find: Find) -> None:
    assert find("方正大米卖出好身价", "黑龙江省方正县的稻田里鸭子成群。") == ["230124"]
    assert find("为人方正的老梁", "老梁做人方正，谁想学就教谁。") == []
    assert find("农旅新路", "银川、中卫的景区都添了新路。") == ["640100", "640500"]


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
        ("县里修路", "330424", ["330424"]),
        ("县委开会", "330424", ["330424"]),
        ("我县修路", "330400", []),
        ("市教育局发布方案", "330400", ["330400"]),
        ("外市教育局发布方案", "330400", []),
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
        ("夜市长队排到路口", "330400", []),
        ("菜市场改造完工", "330400", []),
    ],
)
def test_home(find: Find, title: str, home: str | None, codes: list[str]) -> None:
    assert find(title, home=home) == codes


def test_home_counts_wherever_it_is_said(find: Find) -> None:
    body = "电车离路口还有两百米，信号灯就知道它来了。" * 9 + "我市计划明年推广。"
    assert find("一路绿灯的秘密", body, "330400") == ["330400"]


def test_the_most_specific_only(find: Find) -> None:
    assert find("浙江嘉兴办灯会") == ["330400"]
    assert find("浙江省嘉兴市海宁市办灯会") == ["330481"]
    assert find("浙江烟台两地结对") == ["330000", "370600"]
    assert find("浙江办灯会", "嘉兴的灯会最热闹。") == ["330400"]
    assert find("宁夏游客多", "银川、中卫的景区都满了。")[0] == "640000"


def test_a_part_is_what_it_is_about_only_if_it_acts(find: Find) -> None:
    assert find("榕城夜话", "福州的巷子里，鼓楼区文化馆办起书场。") == ["350102"]
    opening = "两百名青年走进厦门的企业实习，岗位有动画、电商和中医馆，每人每月可以领到一笔补贴。" * 2
    assert find("青年来厦实习", f"{opening}大家住在集美的驿站。") == ["350200"]
    assert find("苏州新线跑图", "新线经过姑苏区、吴中区和相城区。") == ["320500"]
    assert find("冰面救人", "南岗区消防员赶到冰面救人，我市提醒市民远离冰面。", "230100") == ["230100"]
    assert find("圩堤演练", "嘉善县一段圩堤冒水，这是我市今年第二场演练。", "330400") == ["330421"]


def test_the_title_comes_first_then_frequency(find: Find) -> None:
    body = "成都的展馆人多。成都的展商说，成都值得来。重庆也有人来。"
    assert find("西安办书展", body) == ["610100", "510100"]


def test_what_is_named_in_passing_is_left_out(find: Find) -> None:
    body = "西安书展开幕。西安的展馆里，" + "书友交流读书心得，" * 20 + "有书从大连来。西安明天继续。西安。"
    assert find("西安办书展", body) == ["610100"]


@pytest.mark.parametrize(
    ("title", "body", "home", "codes"),
    [
        ("我县干部赴山东考察", "上周，我县干部赴山东考察，看了青岛、潍坊。", "330421", ["330421"]),
        ("绍兴组团赴杭取经", "绍兴一行赴杭考察。杭州的做法是不收证明。", "330600", ["330600", "330100"]),
        ("夫妻店开了三十年", "在泉州老街上，老板来自四川，老板娘是湖南人。", None, ["350500"]),
        ("冰滑梯排队两小时", "冰城开园，来自广州的一家五口裹成粽子。", None, ["230100"]),
        ("北大教授讲星星", "北京大学教授来到海宁给中学生讲星星。", None, ["330481"]),
        ("秋粮价格平稳", "山东、河南、安徽、江苏、黑龙江秋粮收购顺利。", None, []),
        ("快递价格战", "记者在义乌、汕头、石家庄、深圳采访发现快递降价。", None, []),
        ("门诊直接结算扩大", "本报北京讯 五种慢性病的门诊费用可以异地直接结算。", None, []),
        ("整车厂连成线", "从芜湖到合肥再到六安，安徽正在打造汽车产业集群。", None, ["340000"]),
        ("台风将至", "台风将在福建到广东沿海登陆。", None, ["350000", "440000"]),
        ("跳水世界杯落幕", "宁夏拿下冠军。这位中国小将宁夏说，什么都没想。", None, []),
    ],
)
def test_passing(find: Find, title: str, body: str, home: str | None, codes: list[str]) -> None:
    assert find(title, body, home) == codes


def test_a_dateline_is_a_weak_region(find: Find) -> None:
    assert find("茶价上涨", "新华社杭州3月5日电 新茶开采，价格上涨。") == ["330100"]
    assert find("茶价上涨", "新华社杭州3月5日电 湖州新茶开采，价格上涨。") == ["330500"]
    assert find("大选计票结束", "新华社哥本哈根电 计票结束。") == []


def test_the_number_is_limited(find: Find) -> None:
    assert len(find("南京、杭州、合肥、南昌、长沙、武汉、郑州、济南合办书展")) == MOST


def test_full_names_in_works_count(find: Find) -> None:
    assert find("《浙江省旅游条例》施行") == ["330000"]
    assert find("长篇小说《杭州往事》出版") == []


def test_why_a_region(explain: Explain) -> None:
    assert explain("浙江嘉兴办灯会", "禾城的灯亮了，兰州也办灯会。") == [
        Evidence("330400", "浙江嘉兴", TITLE),
        Evidence("330400", "禾城", 3.0),
    ]


def test_why_a_region_names_what_stands_for_the_whole(explain: Explain) -> None:
    rows = explain("浙江办灯会", "嘉兴的灯会最热闹。")
    assert [(row.code, row.words) for row in rows] == [("330400", "浙江"), ("330400", "嘉兴")]
    assert explain("秋分", "稻子黄了。") == []


def test_repetition_adds_only_so_much(explain: Explain) -> None:
    assert len(explain("西安办书展", "西安。" * 60)) == 6


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES)))
def test_any_text_gives_codes_with_reasons(find: Find, explain: Explain, parts: list[str]) -> None:
    regions = gazetteer.load()
    found = find("", "".join(parts), "330400")
    reasons = explain("", "".join(parts), "330400")
    assert {row.code for row in reasons} == set(found)
    assert all(code in regions for code in found)
    assert not any(upper in found for code in found for upper in regions.ancestors(code))


def test_long_names_become_short_tags() -> None:
    shortened = places.load(gazetteer.load()).shortened
    assert shortened["嘉兴市"] == "嘉兴"
    assert shortened["宁夏回族自治区"] == "宁夏"
    assert "王益区" not in shortened
    assert "江山市" not in shortened


def test_the_lists_agree_with_the_gazetteer() -> None:
    named = places.load(gazetteer.load())
    for word, term in named.terms.items():
        assert len(word) > 1
        assert bool(term.every) is (term.kind not in (Kind.HOME, Kind.NOTHING)), word
        assert all(code in gazetteer.load() for code in (*term.codes, *term.every)), word


def test_words_for_the_segmenter() -> None:
    words = places.load(gazetteer.load()).words()
    assert words["彬县"] == "ns"
    assert words["我市"] == "r"
    assert "县妇联" not in words
    assert "大理石" not in words


def test_it_is_fast(segmenter: Segmenter, finder: RegionFinder) -> None:
    title = segmenter.cut("嘉兴办灯会")
    body = segmenter.cut("嘉兴的灯会在南湖边开场，" + "书友们在展馆里交流读书的心得。" * 60)
    best = 1.0
    for _ in range(20):
        start = time.process_time()
        finder.find(title, body, "330400")
        best = min(best, time.process_time() - start)
    assert best < 0.001
