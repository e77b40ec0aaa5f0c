"""XML and JSON of others within limits: too large, too deep, too many, in no encoding."""

from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import InputError, LimitError
from watchkeeper.exchange.formats import all_formats
from watchkeeper.exchange.untrusted import DEEPEST, MOST_BYTES, read_json, read_xml, xml_bytes, xml_text

READERS = [one.read for one in all_formats().values() if one.read is not None]


@pytest.mark.parametrize("read", READERS)
def test_too_large_is_refused_before_it_is_looked_at(read: Callable[[bytes], object]) -> None:
    with pytest.raises(LimitError):
        read(b" " * (MOST_BYTES + 1))


@pytest.mark.parametrize("read", READERS)
@given(data=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-16")))
def test_bytes_of_any_kind_are_refused_whole(read: Callable[[bytes], object], data: bytes) -> None:
    with pytest.raises(InputError):
        read(data)


@pytest.mark.parametrize(("depth", "fits"), [(DEEPEST, True), (DEEPEST + 1, False), (200_000, False)])
def test_depth(depth: int, fits: bool) -> None:
    data = b"<a>" * depth + b"</a>" * depth
    if fits:
        assert read_xml(data, "It").tag == "a"
        return
    with pytest.raises(LimitError):
        read_xml(data, "It")


def test_an_entity_is_not_even_looked_up() -> None:
    for kind in (
        '<!ENTITY a SYSTEM "file:///etc/hostname">',
        '<!ENTITY % a SYSTEM "http://127.0.0.1/">%a;',
        '<!ENTITY a "b">',
    ):
        with pytest.raises(InputError, match="entities or a document type"):
            read_xml(f"<!DOCTYPE x [{kind}]><x>&a;</x>".encode(), "It")


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": 1}', "It") == {"a": 1}


@given(st.text())
def test_every_text_becomes_xml_that_parses(text: str) -> None:
    root = Element("a", b=xml_text(text))
    root.text = xml_text(text)
    back = read_xml(xml_bytes(root), "It")
    assert (back.text or "").replace("\n", "") == xml_text(text).replace("\r\n", "").replace(
        "\r", ""
    ).replace("\n", "")
