"""Writes AIS messages as NMEA sentences: what the tests decode again and what the benchmark times.

Values are given as sent: raw integers of ITU-R M.1371-5, annex 8. Nothing here is shared with the decoder.
"""

import random
from collections.abc import Iterator, Sequence

Field = tuple[int, int]
"""Width in bits and value."""

_LETTERS = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"


def text(value: str, characters: int) -> list[Field]:
    """Six-bit text, filled with '@'."""
    return [(6, _LETTERS.index(c)) for c in value.ljust(characters, "@")]


def position_a(
    mmsi: int, lat: int, lon: int, sog: int, cog: int, heading: int, nav: int, kind: int = 1
) -> list[Field]:
    """Types 1, 2, 3. ``lat``, ``lon`` in 1/10,000 minute, ``sog`` in 1/10 kn, ``cog`` in 1/10 degree."""
    return [
        (6, kind),
        (2, 0),
        (30, mmsi),
        (4, nav),
        (8, 128),
        (10, sog),
        (1, 1),
        (28, lon),
        (27, lat),
        (12, cog),
        (9, heading),
        (6, 30),
        (2, 0),
        (3, 0),
        (1, 0),
        (19, 81923),
    ]


def position_b(mmsi: int, lat: int, lon: int, sog: int, cog: int, heading: int) -> list[Field]:
    """Type 18."""
    return [
        (6, 18),
        (2, 0),
        (30, mmsi),
        (8, 0),
        (10, sog),
        (1, 1),
        (28, lon),
        (27, lat),
        (12, cog),
        (9, heading),
        (6, 30),
        (2, 0),
        (1, 1),
        (1, 0),
        (1, 1),
        (1, 1),
        (1, 0),
        (1, 0),
        (1, 0),
        (20, 393222),
    ]


def extended_b(
    mmsi: int,
    lat: int,
    lon: int,
    sog: int,
    cog: int,
    heading: int,
    name: str,
    ship_type: int,
    size: Sequence[int],
) -> list[Field]:
    """Type 19: position and static data. ``size``: metres to bow, stern, port, starboard."""
    return [
        (6, 19),
        (2, 0),
        (30, mmsi),
        (8, 0),
        (10, sog),
        (1, 1),
        (28, lon),
        (27, lat),
        (12, cog),
        (9, heading),
        (6, 30),
        (4, 0),
        *text(name, 20),
        (8, ship_type),
        *_size(size),
        (4, 1),
        (1, 0),
        (1, 0),
        (1, 0),
        (4, 0),
    ]


def long_range(mmsi: int, lat: int, lon: int, sog: int, cog: int, nav: int) -> list[Field]:
    """Type 27. ``lat``, ``lon`` in 1/10 minute, ``sog`` in kn, ``cog`` in degrees."""
    return [(6, 27), (2, 3), (30, mmsi), (1, 1), (1, 0), (4, nav), (18, lon), (17, lat), (6, sog), (9, cog),
            (1, 0), (1, 0)]  # fmt: skip


def voyage(
    mmsi: int,
    imo: int,
    callsign: str,
    name: str,
    ship_type: int,
    size: Sequence[int],
    draught: int,
    destination: str,
) -> list[Field]:
    """Type 5. ``draught`` in 1/10 m."""
    return [
        (6, 5),
        (2, 0),
        (30, mmsi),
        (2, 2),
        (30, imo),
        *text(callsign, 7),
        *text(name, 20),
        (8, ship_type),
        *_size(size),
        (4, 1),
        (4, 3),
        (5, 14),
        (5, 20),
        (6, 0),
        (8, draught),
        *text(destination, 20),
        (1, 0),
        (1, 0),
    ]


def static_a(mmsi: int, name: str) -> list[Field]:
    """Type 24, part A."""
    return [(6, 24), (2, 0), (30, mmsi), (2, 0), *text(name, 20)]


def static_b(mmsi: int, ship_type: int, callsign: str, size: Sequence[int]) -> list[Field]:
    """Type 24, part B."""
    return [(6, 24), (2, 0), (30, mmsi), (2, 1), (8, ship_type), *text("ABC", 3), (24, 0), *text(callsign, 7),
            *_size(size), (6, 0)]  # fmt: skip


def base_station(mmsi: int) -> list[Field]:
    """Type 4, in the year 2024."""
    return [
        (6, 4),
        (2, 0),
        (30, mmsi),
        (14, 2024),
        (4, 1),
        (5, 2),
        (5, 3),
        (6, 4),
        (6, 5),
        (1, 1),
        (28, 0),
        (27, 0),
        (4, 1),
        (10, 0),
        (1, 0),
        (19, 0),
    ]


def _size(size: Sequence[int]) -> list[Field]:
    return list(zip((9, 9, 6, 6), size, strict=True))


def bits(fields: Sequence[Field]) -> str:
    """The message as a text of zeros and ones; negative values as two's complement."""
    return "".join(format(value & ((1 << width) - 1), f"0{width}b") for width, value in fields)


def armour(message: str) -> tuple[str, int]:
    """The payload characters of a message in bits, and the number of fill bits."""
    fill = -len(message) % 6
    values = (int((message + "0" * fill)[i : i + 6], 2) for i in range(0, len(message), 6))
    return "".join(chr(v + 48 if v < 40 else v + 56) for v in values), fill


def with_checksum(body: str, opening: str = "!") -> str:
    """``opening``, ``body``, ``*hh``."""
    total = 0
    for byte in body.encode():
        total ^= byte
    return f"{opening}{body}*{total:02X}"


def sentences(
    fields: Sequence[Field], sequence: int = 1, channel: str = "A", talker: str = "AI", characters: int = 56
) -> list[str]:
    """A message as one sentence, or as many as its payload needs."""
    payload, fill = armour(bits(fields))
    pieces = [payload[i : i + characters] for i in range(0, len(payload), characters)]
    many = len(pieces)
    return [
        with_checksum(
            f"{talker}VDM,{many},{k},{sequence if many > 1 else ''},{channel},{piece},"
            f"{fill if k == many else 0}"
        )
        for k, piece in enumerate(pieces, 1)
    ]


def tag_block(**parts: object) -> str:
    """A tag block, for example ``tag_block(s="station", c=1700000000)``."""
    return with_checksum(",".join(f"{key}:{value}" for key, value in parts.items()), "\\") + "\\"


def messages(seed: int, many: int) -> Iterator[list[Field]]:
    """A mixture as off a coast: 70 % class A, 17 % class B, the rest static and long-range."""
    draw = random.Random(seed)
    for _ in range(many):
        mmsi = draw.randrange(201_000_000, 775_999_999)
        lat, lon = draw.randrange(-48_000_000, 48_000_000), draw.randrange(-108_000_000, 108_000_000)
        sog, cog, heading = (
            draw.randrange(1024),
            draw.randrange(3601),
            draw.choice((draw.randrange(360), 511)),
        )
        name, size = (
            f"SHIP {mmsi}",
            [draw.randrange(200), draw.randrange(100), draw.randrange(30), draw.randrange(30)],
        )
        kind = draw.random()
        if kind < 0.70:
            yield position_a(mmsi, lat, lon, sog, cog, heading, draw.randrange(16), draw.choice((1, 1, 2, 3)))
        elif kind < 0.87:
            yield position_b(mmsi, lat, lon, sog, cog, heading)
        elif kind < 0.92:
            yield voyage(mmsi, 9_000_000 + mmsi % 999_999, "LAXY7", name, 80, size, 87, "NLRTM>SEGOT")
        elif kind < 0.95:
            yield static_a(mmsi, name)
        elif kind < 0.98:
            yield static_b(mmsi, 37, "OXAB2", size)
        elif kind < 0.99:
            yield extended_b(mmsi, lat, lon, sog, cog, heading, name, 36, size)
        else:
            yield long_range(mmsi, lat // 1000, lon // 1000, sog % 64, cog % 360, 0)


def log(seed: int, many: int, tagged: bool, start_s: int = 1_700_000_000) -> bytes:
    """A log of ``many`` messages, 100 a second, tag block before or Unix time behind each sentence."""
    lines = []
    for n, fields in enumerate(messages(seed, many)):
        group = sentences(fields, n % 10, "AB"[n % 2])
        for k, sentence in enumerate(group, 1):
            if not tagged:
                lines.append(f"{sentence},{start_s + n // 100}")
            elif len(group) == 1:
                lines.append(tag_block(s=f"rcv{n % 7}", c=start_s + n // 100) + sentence)
            else:
                lines.append(
                    tag_block(g=f"{k}-{len(group)}-{n}", s=f"rcv{n % 7}", c=start_s + n // 100) + sentence
                )
    return "\r\n".join(lines).encode() + b"\r\n"
