"""The page as a file: closed to the network, deaf to what ships send, never too large, whole or absent."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from console.made_up import report
from watchkeeper.console import page
from watchkeeper.errors import OutputError

HOSTILE = ["<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>", "$data ${script} \u202e"]


def test_what_ships_send_does_not_reach_the_markup() -> None:
    text = page.render(report(3, names=HOSTILE)).decode()
    plain = page.render(report(3)).decode()
    for name in HOSTILE[:2]:
        assert name not in text
    assert text.count("<script") == plain.count("<script") == 2 + plain.count("<script>alert")


def test_the_title_is_escaped() -> None:
    hostile = report(0)
    hostile.title = "</title><script>alert(3)</script>"
    assert "alert(3)</script>" not in page.render(hostile).decode()


def test_only_its_own_script_and_style_may_run() -> None:
    text = page.render(report(0)).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    script = text[text.rindex("<script>") + len("<script>") : text.rindex("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'sha256-{digest}'"
    assert rules["connect-src"] == "blob:"
    assert "unsafe" not in policy
    assert "http" not in policy


def test_nothing_is_fetched_by_the_markup() -> None:
    text = page.render(report(1)).decode()
    markup = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", text, flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="(?!data:)[^"]*"', markup) == []
    (style,) = re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL)
    assert re.findall(r"@import|url\(\s*(?![\"']?(?:data:|#))", style) == []


def test_a_page_too_large_loses_points_then_ships(monkeypatch: pytest.MonkeyPatch) -> None:
    many = report(150)
    whole = len(page.render(many))
    monkeypatch.setattr(page, "SIZE_MOST", whole - 100_000)
    assert len(page.render(many)) <= whole - 100_000


def test_the_file_is_written_whole_and_its_size_told(tmp_path: Path) -> None:
    size = page.write_report(tmp_path / "report.html", report(1))
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").stat().st_size == size


def test_a_folder_that_is_missing_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        page.write_report(tmp_path / "missing" / "report.html", report(0))
