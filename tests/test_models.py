"""Models in the store, and who uses them from when on."""

from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc import config, service, taggers
from feedsvc.store import Store
from feedsvc.store.models import Learned
from feedsvc.tagging.learned import Model
from tests.conftest import SITE, Clock, Newsroom
from tests.made import MINUTE, NOW

PORT = Model(
    keys=("finance", "sport"),
    bias=(0.0, 0.0),
    weights={"潮声": (5.0, -5.0)},
    slope=1.0,
    level=0.0,
)
LEARNED = Learned(
    name=taggers.CATEGORIES,
    learned=NOW,
    accuracy=0.75,
    counts={"finance": 6, "sport": 5},
    payload=PORT.encoded(),
)


def test_a_model_is_kept_replaced_and_forgotten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.db"
    store = Store.open(url, NOW)
    assert (store.models.get("categories"), store.models.learned("categories")) == (None, None)
    store.models.keep(LEARNED)
    store.close()
    store = Store.open(url, NOW)
    assert store.models.get("categories") == LEARNED
    newer = replace(LEARNED, learned=NOW + MINUTE, payload=b"\x00\xff", accuracy=0.5)
    store.models.keep(newer)
    assert store.models.get("categories") == newer
    assert store.models.learned("categories") == NOW + MINUTE
    assert store.models.get("other") is None
    assert store.models.forget("categories")
    assert not store.models.forget("categories")
    assert store.models.get("categories") is None
    store.close()


def test_sources_are_read_anew_when_something_was_learned(newsroom: Newsroom) -> None:
    first = newsroom.open()
    newsroom.publish("paper")
    before = first.store.states()["paper"].due
    service.sync(first.settings, first.store, newsroom.clock)
    assert first.store.states()["paper"].due == before
    first.store.models.keep(LEARNED)
    service.sync(first.settings, first.store, newsroom.clock)
    assert first.store.states()["paper"].due <= newsroom.clock()


def test_new_children_are_made_from_what_was_learned_last(newsroom: Newsroom) -> None:
    opened = newsroom.open()
    setups = taggers.Setups(opened.settings, opened.store)
    (before,) = setups()
    assert before.model is None
    assert setups()[0] is before
    opened.store.models.keep(LEARNED)
    (after,) = setups()
    assert after.model == LEARNED.payload
    assert setups()[0] is after
    assert after.fingerprint() != before.fingerprint()
    opened.store.models.forget(taggers.CATEGORIES)
    assert setups() == (before,)


def test_a_store_that_fails_changes_nothing(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "feedsvc.toml").write_text(SITE, "utf-8")
    settings = config.load(tmp_path / "feedsvc.toml")
    unmade = Store(settings.store.url)
    (setup,) = taggers.Setups(settings, unmade)()
    unmade.close()
    assert setup == taggers.tagging_setup(settings)
    settings.store.file.unlink(missing_ok=True)
    store = service.prepare_store(settings, clock)
    store.models.keep(LEARNED)
    setups = taggers.Setups(settings, store)
    (setup,) = setups()
    store.close()
    for file in tmp_path.glob("feedsvc.db*"):
        if file.is_file():
            file.unlink()
    settings.store.file.write_bytes(b"no database " * 100)
    assert setups() == (setup,)
    assert setup.model == LEARNED.payload


def test_an_edited_word_list_is_read_without_a_restart(newsroom: Newsroom, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("夜潮计划\n", "utf-8")
    opened = newsroom.open(f'[tagging]\ndictionaries = ["{words}"]\n')
    told: list[str] = []
    setups = taggers.Setups(opened.settings, opened.store, changed=lambda: told.append("changed"))
    (before,) = setups()
    assert (setups()[0] is before, told) == (True, [])
    words.write_text("夜潮计划\n晨潮计划\n", "utf-8")
    (after,) = setups()
    assert after != before
    assert (setups()[0] is after, told) == (True, ["changed"])


def test_a_word_list_that_became_wrong_is_told_once(
    newsroom: Newsroom, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("夜潮计划\n", "utf-8")
    opened = newsroom.open(f'[tagging]\ndictionaries = ["{words}"]\n')
    setups = taggers.Setups(opened.settings, opened.store)
    (before,) = setups()
    words.write_text("夜潮计划 零 零 零\n", "utf-8")
    assert setups()[0] is setups()[0] is before
    assert [f"{words}:1" in record.message for record in caplog.records] == [True]


def test_a_payload_that_is_none_is_left_out(newsroom: Newsroom, caplog: pytest.LogCaptureFixture) -> None:
    opened = newsroom.open()
    opened.store.models.keep(replace(LEARNED, payload=b"cos\nsystem\n(S'true'\ntR."))
    tagger = taggers.tagging_setup(opened.settings, opened.store).tagger()
    assert "the learned model cannot be used (another form)" in caplog.text
    assert tagger.tag("医院义诊", "").category == "health"


def test_commands_use_what_was_learned_where_there_is_a_store(newsroom: Newsroom) -> None:
    opened = newsroom.open()
    opened.store.models.keep(LEARNED)
    setup = taggers.stored_setup(opened.settings)
    assert setup.model == LEARNED.payload
    assert setup.tagger().tag("潮声起", "").category == "finance"


def test_no_store_is_made_to_tag(tmp_path: Path) -> None:
    (tmp_path / "feedsvc.toml").write_text(SITE, "utf-8")
    settings = config.load(tmp_path / "feedsvc.toml")
    assert taggers.stored_setup(settings).model is None
    assert not settings.store.file.exists()


def test_a_category_may_be_called_otherwise(newsroom: Newsroom) -> None:
    opened = newsroom.open(SITE + '[tagging]\ncategory_map = {"股市" = "财经", "健身" = "sport"}\n')
    assert dict(taggers.tagging_setup(opened.settings).category_map) == {"股市": "finance", "健身": "sport"}
