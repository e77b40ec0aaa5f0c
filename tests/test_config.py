"""Settings: every way to give one, which wins, units, and what is said of a mistake."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.behaviours import all_behaviours
from watchkeeper.config import DEFAULT, Settings, config_file, known_settings, load_settings
from watchkeeper.errors import ConfigError
from watchkeeper.model.settings import EngineSettings
from watchkeeper.model.units import UNITS

MIN_GAP = "behaviours.ais-gap.min_gap"
VARIABLE = "WATCHKEEPER__BEHAVIOURS__AIS_GAP__MIN_GAP"


def loaded(
    text: str | None = None, environ: Mapping[str, str] | None = None, *flags: str, folder: Path | None = None
) -> Settings:
    file = None
    if text is not None:
        assert folder is not None
        file = folder / "watchkeeper.toml"
        file.write_text(text, "utf-8")
    return load_settings(file, environ or {}, flags)


def origin(settings: Settings, key: str) -> str:
    return next(one.origin for one in settings.in_force if one.setting.key == key)


def test_without_anything_all_is_as_declared() -> None:
    settings = loaded()
    for behaviour in all_behaviours().values():
        assert settings.behaviours[behaviour.id] == {t.name: t.default for t in behaviour.thresholds.values()}
    assert EngineSettings(**settings.engine) == EngineSettings()
    assert settings.table is None
    assert settings.layers == settings.lists == ()
    assert {one.origin for one in settings.in_force} == {DEFAULT}


def test_every_setting_but_text_and_files_has_a_unit() -> None:
    for setting in known_settings().values():
        assert (setting.unit is not None) == isinstance(setting.default, int | float)


def test_the_flag_beats_the_environment_beats_the_file(tmp_path: Path) -> None:
    text = '[behaviours.ais-gap]\nmin_gap = "2 h"\n'
    settings = loaded(text, folder=tmp_path)
    assert settings.behaviours["ais-gap"]["min_gap"] == 2.0
    assert origin(settings, MIN_GAP) == f"{tmp_path / 'watchkeeper.toml'}:2"

    settings = loaded(text, {VARIABLE: "180 min"}, folder=tmp_path)
    assert settings.behaviours["ais-gap"]["min_gap"] == 3.0
    assert origin(settings, MIN_GAP) == f"environment {VARIABLE}"

    settings = loaded(text, {VARIABLE: "180 min"}, "ais-gap.min_gap=4h", folder=tmp_path)
    assert settings.behaviours["ais-gap"]["min_gap"] == 4.0
    assert origin(settings, MIN_GAP) == "--set"


@pytest.mark.parametrize("key", ["ais-gap.min_gap", MIN_GAP])
def test_the_short_and_the_long_name_are_the_same(key: str) -> None:
    assert loaded(None, None, f"{key} = 2 h").behaviours["ais-gap"]["min_gap"] == 2.0


def test_zero_is_a_value() -> None:
    assert loaded(None, None, "ais-gap.min_missed=0").behaviours["ais-gap"]["min_missed"] == 0


def test_counts_stay_whole() -> None:
    value = loaded(None, None, "ais-gap.min_missed=20").behaviours["ais-gap"]["min_missed"]
    assert isinstance(value, int)


@given(st.sampled_from(sorted(k for k, s in known_settings().items() if s.unit)), st.integers(0, 10**6))
def test_a_quantity_with_its_own_unit_is_the_number(key: str, number: int) -> None:
    unit = known_settings()[key].unit
    assert unit is not None
    settings = loaded(
        None, None, f"{key}={number} {unit.symbol}" if unit.symbol != "1" else f"{key}={number}"
    )
    assert next(one.value for one in settings.in_force if one.setting.key == key) == number


@given(st.sampled_from(sorted(known_settings())))
def test_every_setting_can_be_set_in_the_environment(key: str) -> None:
    variable = "WATCHKEEPER__" + key.upper().replace("-", "_").replace(".", "__")
    settings = loaded(None, {variable: "7"})
    assert [one.setting.key for one in settings.in_force if one.origin != DEFAULT] == [key]


def test_files_are_looked_for_beside_the_file_that_names_them(tmp_path: Path) -> None:
    settings = loaded('layers = ["cables.geojson"]\nlists = ["/srv/sdn.csv"]\n', folder=tmp_path)
    assert settings.layers == (tmp_path / "cables.geojson",)
    assert settings.lists == (Path("/srv/sdn.csv"),)
    assert loaded(None, {"WATCHKEEPER__LAYERS": "a.kml:b.kml"}).layers == (Path("a.kml"), Path("b.kml"))


def test_a_table_is_described(tmp_path: Path) -> None:
    text = """
    [sources.table]
    columns = { t = "Zeit", mmsi = "Schiff" }
    delimiter = ";"
    """
    settings = loaded(text, None, "sources.table.time=ms", folder=tmp_path)
    assert settings.table is not None
    assert settings.table.columns == {"t": "Zeit", "mmsi": "Schiff"}
    assert (settings.table.time, settings.table.delimiter) == ("ms", ";")
    assert origin(settings, "sources.table.columns.t").endswith(":3")


MISTAKES = {
    "[behaviours.ais-gap]\nmin_gp = 2": (":2", "behaviours.ais-gap.min_gap"),
    "[behaviours.aisgap]\nmin_gap = 2": (":2", "behaviours.ais-gap.min_gap"),
    '\n[engine]\nlatenes = "1 h"': (":3", "engine.lateness"),
    "layer = []": (":1", "layers"),
    '[behaviours.ais-gap]\nmin_gap = "2 kn"': (":2", "s, min, h, d"),
    '[behaviours.ais-gap]\nmin_gap = "soon"': (":2", "6 h"),
    "[behaviours.ais-gap]\nmin_gap = true": (":2", "quantity"),
    "[behaviours.ais-gap]\nmin_gap = -1": (":2", "from 0 up"),
    "[behaviours.ais-gap]\nmin_gap = nan": (":2", "from 0 up"),
    "[behaviours.ais-gap]\nmin_gap = inf": (":2", "from 0 up"),
    "[behaviours.ais-gap]\nmin_missed = 2.5": (":2", "whole number"),
    "behaviours = 3": (":1", "no setting behaviours"),
    "[nonsense]\n": (":1", "config show"),
    "layers = 3": (":1", "list of files"),
    "layers = [3]": (":1", "list of files"),
    '[sources.table]\ndelimiter = "ab"': (":2", "one character"),
    "[sources.table]\ntime = 3": (":2", "quotes"),
    "[engine\nlateness = 3": ("line 1", "not TOML"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_the_file_names_the_line_and_the_way_out(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(text, folder=tmp_path)
    message = str(caught.value)
    assert "watchkeeper.toml" in message
    for part in MISTAKES[text]:
        assert part in message
    assert caught.value.next_step


def test_a_mistake_in_a_variable_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=f"Did you mean {VARIABLE}"):
        loaded(None, {"WATCHKEEPER__BEHAVIOURS__AIS_GAP__MIN_GP": "2 h"})
    assert loaded(None, {"WATCHKEEPER_SAMPLE_DATA": "elsewhere"}).lists == ()


@pytest.mark.parametrize("flag", ["ais-gap.min_gp=2h", "aisgap.min_gap=2h", "ais-gap.min_gap"])
def test_a_mistake_in_a_flag_shows_the_right_name(flag: str) -> None:
    with pytest.raises(ConfigError, match=r"ais-gap\.min_gap"):
        loaded(None, None, flag)


def test_an_overridden_mistake_is_still_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        loaded("[engine]\nlateness = -1", None, "engine.lateness=1h", folder=tmp_path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * (2 << 20))
    for file in (tmp_path / "absent.toml", tmp_path, binary, large):
        with pytest.raises(ConfigError, match=file.name):
            load_settings(file, {}, ())


def test_where_the_file_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    for folder in (home / "watchkeeper", here):
        folder.mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    assert config_file(None, here) is None
    (home / "watchkeeper" / "watchkeeper.toml").touch()
    assert config_file(None, here) == home / "watchkeeper" / "watchkeeper.toml"
    (here / "watchkeeper.toml").touch()
    assert config_file(None, here) == here / "watchkeeper.toml"
    assert config_file(Path("given.toml"), here) == Path("given.toml")


def test_units_are_those_of_the_declarations() -> None:
    assert known_settings()[MIN_GAP].unit == UNITS["h"]
    assert known_settings()["engine.max_speed"].unit == UNITS["kn"]


def test_ways_out_are_handed_on_as_they_are_written(tmp_path: Path) -> None:
    file = tmp_path / "watchkeeper.toml"
    file.write_text('[notify.duty]\nby = "webhook"\nurl = "https://ops.example.org/hook"\n')
    assert load_settings(file, {}, ()).notify == {
        "duty": {"by": "webhook", "url": "https://ops.example.org/hook"}
    }
    assert load_settings(None, {}, ()).notify == {}
