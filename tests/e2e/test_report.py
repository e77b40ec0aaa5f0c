"""The report in a real browser, opened from disk: what a duty officer does with it."""

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from console.made_up import report
from watchkeeper.console.page import write_report
from watchkeeper.console.report import Interference, Report

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
LARGE, SMALL = (1200, 720), (390, 844)
HOSTILE = ["<img src=x onerror=document.title='broken'>", "</script><script>document.title='broken'</script>"]
MAP_READY = "#map[data-ready]"
# Software rendering is what costs in these tests: only those about the map draw it.
NO_WEBGL = "HTMLCanvasElement.prototype.getContext = () => null"

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM.exists(), f"{CHROMIUM} is missing: sudo apt-get install --yes chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a report from disk. Afterwards: nothing but the file was asked for, nothing was complained of."""
    asked: list[str] = []
    said: list[str] = []
    contexts = []

    def opened(
        given: Report, size: tuple[int, int] = LARGE, scheme: str = "light", *, chart: bool = False
    ) -> Page:
        path = tmp_path / "report.html"
        write_report(path, given)
        screen = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=screen, color_scheme=scheme, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        if not chart:
            page.add_init_script(NO_WEBGL)
        page.goto(path.as_uri())
        page.wait_for_selector(MAP_READY if chart else "html[data-state=ready]", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    outside = [url for url in asked if not url.startswith(("blob:", "data:"))]
    assert outside == [(tmp_path / "report.html").as_uri()] * len(contexts)
    assert [text for text in said if "GL Driver Message" not in text] == []


def test_an_alert_is_clicked_and_its_reasons_are_read_down_to_a_raw_line(open_report: Open) -> None:
    given = report(12)
    page = open_report(given, chart=True)
    expect(page.locator(".card")).to_have_count(12)
    page.locator(".card").nth(2).click()
    expect(page.locator("#detail h2")).to_have_text("TEST SHIP 3")
    finding = page.locator("#detail .finding").first
    expect(finding).to_contain_text("Not heard for 3 h 00 min while twelve ships around it were.")
    expect(finding.locator(".measured tbody tr").first).to_have_text("silence3 habove 2 h")
    expect(finding).to_contain_text("Weak reception")
    finding.locator(".rows summary").click()
    raw = given.findings[3].evidence[0].raw
    assert raw is not None
    expect(finding.locator("code").first).to_have_text(raw)
    expect(finding.locator("code").first).to_be_visible()
    expect(page.locator("#detail .tree")).to_contain_text("HELCOM 2024, table 3")


def doubted() -> Report:
    """Three ships; the positions of the first are not to be relied on while it is silent."""
    given = report(3)
    first = given.findings[0]
    gone = {"trust": "unreliable", "trust_reason": "Five ships jumped to one place."}
    given.findings[0] = msgspec.structs.replace(first, **gone)
    given.behaviours["ais-gap"] = given.behaviours["ais-gap"] | {"marks": "suspect"}
    ring = [[18.5, 56.5], [20.5, 56.5], [20.5, 58.0], [18.5, 58.0], [18.5, 56.5]]
    given.interference = [
        Interference(
            name="Area 1",
            start=first.start,
            end=None,
            ships=5,
            geometry={"type": "Polygon", "coordinates": [ring]},
        )
    ]
    return given


def test_where_positions_are_not_to_be_relied_on_is_shown(open_report: Open) -> None:
    given = doubted()
    page = open_report(given, chart=True)
    expect(page.locator("#detail")).to_contain_text("Area 1: positions of 5 ships")
    page.locator(".card").first.click()
    finding = page.locator("#detail .finding").first
    expect(finding.locator(".trust-unreliable")).to_have_text("positions unreliable")
    expect(finding).to_contain_text("Five ships jumped to one place.")
    expect(page.locator(".doubt-suspect")).to_have_count(1)
    assert page.evaluate(PIXELS, ["sign-network"])[0] > 50, "the edge of the area is drawn"


PIXELS = """async colours => {
  dispatchEvent(new Event('beforeprint'));
  const image = Object.assign(new Image(), {src: document.querySelector('.paper-map').src});
  dispatchEvent(new Event('afterprint'));
  await image.decode();
  const flat = Object.assign(document.createElement('canvas'), {width: image.width, height: image.height});
  const context = flat.getContext('2d');
  context.drawImage(image, 0, 0);
  const data = context.getImageData(0, 0, flat.width, flat.height).data;
  const probe = document.body.appendChild(document.createElement('span'));
  return colours.map(name => {
    probe.style.color = `var(--${name})`;
    const want = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) count += want.every((v, k) => Math.abs(data[i + k] - v) < 3);
    return count;
  });
}"""


def test_the_map_draws_land_sea_and_only_the_chosen_ship_strongly(open_report: Open) -> None:
    given = report(3)
    west = np.array([[10.0, 50.0], [19.0, 50.0], [19.0, 64.0], [10.0, 64.0], [10.0, 50.0]])
    given.land, given.coast = [[west]], [west]
    page = open_report(given, chart=True)
    page.wait_for_timeout(500)
    land, sea, strong = page.evaluate(PIXELS, ["land", "sea", "track-chosen"])
    assert land > 10_000
    assert sea > 10_000
    assert strong == 0
    page.locator(".card").nth(1).click()
    page.wait_for_timeout(500)
    assert page.evaluate(PIXELS, ["track-chosen"])[0] > 100


def test_the_map_draws_the_chosen_finding(open_report: Open) -> None:
    page = open_report(report(3), chart=True)
    page.locator(".card").nth(1).click()
    page.wait_for_timeout(1000)
    before = page.locator("#map canvas").screenshot()
    page.locator("#detail .show").nth(1).click()
    page.wait_for_timeout(1000)
    after = page.locator("#map canvas").screenshot()
    assert before != after
    assert page.url.split("#")[1].startswith("finding/")


def test_a_finding_in_the_address_is_opened(open_report: Open) -> None:
    given = report(3)
    page = open_report(given)
    page.goto(page.url.split("#")[0] + f"#finding/{given.findings[1].id}")
    expect(page.locator("#detail h2")).to_have_text("TEST SHIP 2")
    expect(page.locator(".finding.chosen")).to_have_count(1)


@pytest.mark.parametrize(("ships", "words"), [(0, "0 ships"), (1, "1 ship"), (500, "500 ships")])
def test_none_one_and_five_hundred_alerts(open_report: Open, ships: int, words: str) -> None:
    page = open_report(report(ships), chart=True)
    expect(page.locator("#filter-count")).to_have_text(words)
    expect(page.locator(".card")).to_have_count(ships)


def test_no_alert_explains_itself(open_report: Open) -> None:
    given = report(0)
    given.run["behaviours"]["ais-gap"]["status"] = "unknown: ZeroDivisionError"
    page = open_report(given)
    expect(page.locator("#detail h2")).to_have_text("No ship needs attention")
    expect(page.locator("#detail .notice")).to_contain_text("did not run to the end")
    expect(page.locator(".coverage tbody tr")).to_have_count(11)
    page.locator(".coverage .aside summary").first.click()
    expect(page.locator(".coverage")).to_contain_text("12 – in an anchorage")


def test_hostile_names_are_text(open_report: Open) -> None:
    page = open_report(report(2, names=HOSTILE))
    for k, name in enumerate(HOSTILE):
        page.locator(".card").nth(k).click()
        expect(page.locator("#detail h2")).to_have_text(name)
    assert page.title() == "Ships that need attention, 1 March 2026"
    assert page.locator("img").count() == 0


def test_the_keyboard_is_enough(open_report: Open) -> None:
    page = open_report(report(12))
    page.keyboard.press("ArrowDown")
    page.locator("#ships").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".card[aria-selected=true] .rank")).to_have_text("2")
    page.keyboard.press("Enter")
    expect(page.locator("#ship-name")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("ship 12")
    expect(page.locator(".card")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#detail h2")).to_have_text("TEST SHIP 12")
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_have_count(12)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#detail h2")).to_have_text("Overview")


def test_the_timeline_tells_time_speed_and_silence(open_report: Open) -> None:
    page = open_report(report(1))
    page.locator(".card").click()
    board = page.locator("#timeline .board")
    expect(board.locator(".bar")).to_have_count(1)
    expect(board.locator(".silent")).to_have_count(1)
    width = board.bounding_box()["width"]
    board.hover(position={"x": 46 + (width - 58) * 11 / 24, "y": 90})
    expect(page.locator(".readout")).to_have_text(re.compile(r"03-01 1[01]:\d\d · silent · 5\d°"))
    board.locator(".bar").click()
    page.get_by_role("button", name="Around the finding").click()
    expect(page.get_by_role("button", name="Whole period")).to_be_visible()


def test_one_false_speed_does_not_flatten_the_rest(open_report: Open) -> None:
    given = report(1)
    ((hull,),) = given.tracks.values()
    hull.sog_kn[700] = 101.0
    page = open_report(given)
    page.locator(".card").click()
    expect(page.locator(".board")).to_contain_text("highest speed sent: 101.0 kn")
    expect(page.locator(".board")).to_contain_text("12 kn")


def background(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_dark_light_and_the_readers_choice(open_report: Open) -> None:
    page = open_report(report(1), scheme="dark")
    dark = background(page)
    page.locator("#theme").click()
    assert background(page) == dark
    page.locator("#theme").click()
    assert page.locator("#theme").inner_text() == "Theme: light"
    assert background(page) != dark


LUMINANCE = """element => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const linear = v => v <= 10 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const style = getComputedStyle(element);
  let under = element, ground = parse(style.backgroundColor);
  while (ground[3] === 0 && under.parentElement) {
    under = under.parentElement;
    ground = parse(getComputedStyle(under).backgroundColor);
  }
  const [a, b] = [light(parse(style.color)), light(ground)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(open_report: Open, scheme: str) -> None:
    page = open_report(report(12), scheme=scheme)
    page.locator(".card").nth(10).click()
    for selector in (
        "#title", "#simulated", "#facts span", ".card .facts", ".card .headline", ".sign", ".confidence",
        ".measured thead th", ".rows summary", ".where", ".node-source", "#theme",
    ):  # fmt: skip
        for k in range(page.locator(selector).count()):
            contrast = page.locator(selector).nth(k).evaluate(LUMINANCE)
            assert contrast >= 4.5, f"{selector} {k}: {contrast:.2f} to 1"


def test_a_small_screen_shows_one_part_at_a_time(open_report: Open) -> None:
    page = open_report(report(3), SMALL, chart=True)
    expect(page.locator("#ships")).to_be_visible()
    expect(page.locator("#detail")).to_be_hidden()
    page.locator(".card").nth(1).click()
    expect(page.locator("#detail h2")).to_be_visible()
    expect(page.locator("#timeline .speed")).to_be_visible()
    page.get_by_role("tab", name="Map").click()
    expect(page.locator("#map canvas")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL[0]


def test_on_paper_all_reasons_are_open(open_report: Open, tmp_path: Path) -> None:
    page = open_report(report(3), chart=True)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#paper .paper-ship")).to_have_count(3)
    assert page.locator("#paper details:not([open])").count() == 0
    picture = page.locator(".paper-map").get_attribute("src")
    assert picture is not None
    assert len(base64.b64decode(picture.split(",")[1])) > 10_000
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("#paper .paper-ship")).to_have_count(0)
    assert page.pdf(path=tmp_path / "report.pdf").startswith(b"%PDF")


def test_without_webgl_all_but_the_map_works(open_report: Open) -> None:
    page = open_report(report(1))
    expect(page.locator(".no-map")).to_contain_text("WebGL 2 is missing")
    page.locator(".card").click()
    expect(page.locator("#timeline .speed")).to_be_visible()
    expect(page.locator("#detail .summary")).to_be_visible()


def test_a_file_cut_short_says_so(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(path, report(1))
    whole = path.read_text("utf-8")
    start = whole.index('id="data">') + len('id="data">')
    path.write_text(whole[: start + 2000] + whole[whole.index("</script>", start) :], "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    expect(page.get_by_role("alert")).to_contain_text("cannot be read")
    page.close()


def test_ships_on_both_sides_of_the_antimeridian_stay_together(open_report: Open) -> None:
    page = open_report(report(3, lat=60.0, lon=179.9), chart=True)
    page.locator(".card").first.click()
    expect(page.locator(".maplibregl-ctrl-scale")).to_have_text(re.compile(r"^(1?\d|[2-9]0|100)\s?nm$"))
