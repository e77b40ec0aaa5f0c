"""The attribution page in a real browser: the order of ships, the time slider, who was left out and why."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from watchkeeper.attribute import Request, attribute
from watchkeeper.cases.attribution.result import Attribution
from watchkeeper.config import load_settings
from watchkeeper.console.attribution import write_attribution
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_dma, write_layers
from watchkeeper.layers.land import CREDIT, Land
from watchkeeper.model.time import HOUR, from_iso
from watchkeeper.scan import ScanRequest, scan

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Attribution:
    """Around a simulated ship that slowed over an asset: who crossed it in these three hours?"""
    folder = tmp_path_factory.mktemp("attribution")
    day = simulate(SimulationSpec(seed=3, region="baltic", rows=200_000, cases_per_behaviour=2))
    write_dma(day, folder / "day.csv")
    write_layers(day, folder / "map.geojson")
    request = ScanRequest(
        inputs=(str(folder / "day.csv"),),
        out=folder / "out",
        settings=load_settings(None, {}, ()),
        now=from_iso("2026-11-01"),
        layers=(folder / "map.geojson",),
        report=False,
        simulated=True,
    )
    found = next(f for f in scan(request, lambda _: None).findings if f.behaviour == "anchor-drag")
    assert found.asset is not None
    start = from_iso(found.start)
    return attribute(Request(folder / "out", found.asset, start - HOUR, start + 2 * HOUR))


@pytest.fixture
def page(answer: Attribution, tmp_path: Path) -> Iterator[Page]:
    path = tmp_path / "attribution.html"
    size = write_attribution(path, answer, Land.load().geometry(), [CREDIT])
    assert size < 15_000_000
    asked: list[str] = []
    said: list[str] = []
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        opened = browser.new_context(
            viewport={"width": 1200, "height": 720}, reduced_motion="reduce"
        ).new_page()
        opened.on("request", lambda request: asked.append(request.url))
        opened.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.goto(path.as_uri())
        opened.wait_for_selector("#map[data-ready]", state="attached")
        yield opened
        browser.close()
    assert [url for url in asked if not url.startswith(("blob:", "data:"))] == [path.as_uri()]
    assert [text for text in said if "GL Driver Message" not in text] == []


def test_ships_stand_in_their_order_with_their_evidence(page: Page, answer: Attribution) -> None:
    expect(page.locator("#simulated")).to_be_visible()
    expect(page.locator(".card")).to_have_count(len(answer.candidates))
    expect(page.locator("#detail")).to_contain_text("An order of evidence, not a verdict.")
    first = answer.candidates[0]
    page.locator(".card").first.click()
    expect(page.locator("#detail h2")).to_have_text(first.name or f"MMSI {first.mmsi}")
    expect(page.locator("#detail .tree")).to_contain_text(first.tree.children[0].label)
    expect(page.locator("#detail .tree")).to_contain_text(first.tree.children[0].source)
    page.keyboard.press("Escape")
    expect(page.locator("#detail h2")).to_have_text("What was asked")


def test_who_was_left_out_is_said_with_the_reason(page: Page, answer: Attribution) -> None:
    assert answer.excluded
    one = answer.excluded[0]
    page.locator("#detail summary", has_text=one.reason).click()
    expect(page.locator("#detail details[open] li").first).to_contain_text(one.detail)


def test_the_slider_moves_the_time_and_says_it(page: Page, answer: Attribution) -> None:
    page.locator(".card").first.click()
    slider = page.locator("#time")
    likeliest = from_iso(answer.candidates[0].crossing.likeliest) // 1000
    assert abs(int(slider.input_value()) - likeliest) <= 60
    before = page.locator("output.readout").inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    after = page.locator("output.readout").inner_text()
    assert after != before
    assert slider.get_attribute("aria-valuetext") == after
    assert np.isclose(int(slider.input_value()) - likeliest, 60, atol=60)
    page.locator(".timeline-head button").click()
    expect(page.locator(".timeline-head button")).to_have_text("Stop")


def test_on_a_small_screen_the_slider_stays_with_the_map(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#tab-map").click()
    expect(page.locator("#time")).to_be_visible()
    page.locator("#tab-detail").click()
    expect(page.locator("#time")).to_be_hidden()
    expect(page.locator("#detail h2")).to_be_visible()
