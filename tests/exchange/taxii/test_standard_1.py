"""The standard, row by row: A to D, what there is and who may see it. Rows are those of docs/reference/taxii.md."""

import ssl
import subprocess
import warnings
from pathlib import Path

import httpx
import pytest

from exchange.taxii.node import MEDIA, Node, begun, indicator

GETS = ("", "demo/", "demo/collections/", "demo/collections/rw/", "demo/collections/rw/objects/",
        "demo/collections/rw/manifest/")  # fmt: skip


def addresses(node: Node) -> list[str]:
    """Every address that is read, with an object and a status that are there."""
    made = indicator()
    status = node.post(made)
    object_ = f"demo/collections/rw/objects/{made['id']}/"
    found = (*GETS, object_, f"{object_}versions/", f"demo/status/{status['id']}/")
    return [node.discovery + each for each in found]


def test_A1_tls_1_2_or_newer(tmp_path: Path) -> None:
    made = ("-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", "k.pem")
    subprocess.run(
        ["openssl", "req", "-x509", *made, "-out", "c.pem"], cwd=tmp_path, check=True, capture_output=True
    )
    pair = ("--tls-cert", str(tmp_path / "c.pem"), "--tls-key", str(tmp_path / "k.pem"))
    with begun(tmp_path / "watch", None, *pair) as node:
        assert node.url.startswith("https://")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            assert _discovered(node, version) == 200
        with pytest.raises(httpx.ConnectError):
            _discovered(node, ssl.TLSVersion.TLSv1_1)


def _discovered(node: Node, version: ssl.TLSVersion) -> int:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if version < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    auth = (node.account(0)["user"], node.account(0)["password"])
    with httpx.Client(verify=context, trust_env=False, auth=auth) as client:
        return client.get(node.discovery).status_code


def test_A2_discovery_at_its_place(node: Node) -> None:
    assert node.get(node.discovery).status_code == 200


def test_A3_discovery_says_what_it_has_to(node: Node) -> None:
    said = node.get(node.discovery).json()
    assert isinstance(said["title"], str)
    assert all(isinstance(each, str) for each in (said["description"], said["default"], *said["api_roots"]))
    assert all(value != [] for value in said.values())


def test_A4_addresses_of_roots(node: Node) -> None:
    for address in node.get(node.discovery).json()["api_roots"]:
        assert address.startswith("/")
        assert not address.startswith("//")
        assert address.endswith("/")
        assert "?" not in address


def test_A5_the_default_root_is_one_of_them(node: Node) -> None:
    said = node.get(node.discovery).json()
    assert said["default"] in said["api_roots"]


def test_A6_a_root_answers(node: Node) -> None:
    for address in node.get(node.discovery).json()["api_roots"]:
        assert node.get(node.url + address).status_code == 200


def test_A7_a_root_says_what_it_has_to(node: Node) -> None:
    said = node.get(node.root).json()
    assert isinstance(said["title"], str)
    assert MEDIA in said["versions"]
    assert said["max_content_length"] == 10 << 20


def test_A8_an_unknown_root(node: Node) -> None:
    for name in ("no-such-root", "demo2", "hub", "%00", "..%2f", "\N{SHIP}"):
        assert node.get(f"{node.discovery}{name}/").status_code == 404
        assert node.get(f"{node.discovery}{name}/collections/").status_code == 404


def test_B1_nobody_gets_nothing(node: Node) -> None:
    for address in addresses(node):
        assert node.ask("GET", address, who=None).status_code == 401
    assert node.ask("POST", addresses(node)[4], who=None, json={"objects": []}).status_code == 401
    assert node.ask("GET", node.discovery + "no-such-root/", who=None).status_code == 401


def test_B2_401_says_how_to_sign_in(node: Node) -> None:
    challenge = node.ask("GET", node.root, who=None).headers["www-authenticate"]
    assert "Basic realm=" in challenge
    assert "Bearer realm=" in challenge


def test_B3_a_wrong_password_or_key(node: Node) -> None:
    name = node.account(0)["user"]
    with httpx.Client(trust_env=False) as client:
        assert client.get(node.root, auth=(name, "wrong")).status_code == 401
        assert client.get(node.root, auth=("nobody", node.account(0)["password"])).status_code == 401
        for token in ("wk_nonsense", "x", node.account(0)["password"]):
            answer = client.get(node.root, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401


def test_B4_basic_and_bearer(node: Node) -> None:
    assert node.get(node.root).status_code == 200
    name = node.account(0)["user"]
    key = node.command("exchange", "key", "make", name, "--read").strip()
    with httpx.Client(trust_env=False) as client:
        assert client.get(node.root, headers={"Authorization": f"Bearer {key}"}).status_code == 200
        assert client.get(node.root, auth=(name, key)).status_code == 200
        assert client.get(node.root, auth=("", key)).status_code == 200
        assert client.get(node.root, auth=(node.account(1)["user"], key)).status_code == 401


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !!!", "Basic YQ==", "Basic " + "A" * 9000, "Digest x=y", "Bearer", ":", "Basic \xff"],
)
def test_B5_a_malformed_header(node: Node, header: str) -> None:
    answer = node.ask("GET", node.root, who=None, headers={"Authorization": header.encode("latin-1")})  # type: ignore[dict-item]
    assert answer.status_code in (400, 401)


def test_C1_the_exact_media_type(node: Node) -> None:
    for address in addresses(node):
        assert node.get(address).status_code == 200


def test_C2_without_a_version(node: Node) -> None:
    for address in addresses(node):
        assert node.ask("GET", address, headers={"Accept": "application/taxii+json"}).status_code == 200


def test_C3_a_foreign_media_type(node: Node) -> None:
    for address in addresses(node):
        for accept in ("text/html", "application/json", "application/stix+json;version=2.1", "nonsense"):
            assert node.ask("GET", address, headers={"Accept": accept}).status_code == 406


def test_C4_another_version(node: Node) -> None:
    for version in ("2.0", "1.1", "3", "2.10"):
        accept = f"application/taxii+json;version={version}"
        assert node.ask("GET", node.root, headers={"Accept": accept}).status_code == 406


def test_C5_white_space(node: Node) -> None:
    for accept in ("application/taxii+json; version=2.1", "application/taxii+json ;  version = 2.1"):
        assert node.ask("GET", node.root, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/taxii+json;version=2.1;q=0.9, application/json;q=0.1", 200),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200),
        ("*/*", 200),
        ("application/*", 200),
        ("APPLICATION/TAXII+JSON; Version=2.1", 200),
        ('application/taxii+json; version="2.1"', 200),
        ("application/taxii+json;q=0, */*;q=0.5", 406),
        ("application/taxii+json;version=2.1;q=0", 406),
        ("text/html;q=1, application/taxii+json;version=2.0", 406),
    ],
)
def test_C6_lists_and_qualities(node: Node, accept: str, status: int) -> None:
    assert node.ask("GET", node.root, headers={"Accept": accept}).status_code == status


def test_C6_nothing_said_at_all(node: Node) -> None:
    with httpx.Client(trust_env=False, auth=node.client(0).auth) as client:
        del client.headers["Accept"]
        assert client.get(node.root).status_code == 200


def test_C7_the_type_of_every_answer(node: Node) -> None:
    for address in addresses(node):
        assert node.get(address).headers["content-type"] == MEDIA
    made = indicator()
    posted = node.ask("POST", f"{node.collection('rw')}objects/", json={"objects": [made]})
    assert posted.headers["content-type"] == MEDIA
    deleted = node.ask("DELETE", f"{node.collection('rw')}objects/{made['id']}/")
    assert (deleted.status_code, deleted.headers["content-type"]) == (200, MEDIA)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (MEDIA, 202),
        ("application/taxii+json", 202),
        ("application/taxii+json; version=2.1", 202),
        ("application/json", 415),
        ("application/stix+json;version=2.1", 415),
        ("application/taxii+json;version=2.0", 415),
        ("text/plain", 415),
        ("", 415),
    ],
)
def test_C8_C9_C10_C11_what_is_brought(node: Node, content_type: str, status: int) -> None:
    content = b'{"objects": [%s]}' % httpx.Request("POST", "http://x", json=indicator()).read()
    answer = node.ask(
        "POST", f"{node.collection('rw')}objects/", content=content, headers={"Content-Type": content_type}
    )
    assert answer.status_code == status


def test_D1_collections_say_what_they_have_to(node: Node) -> None:
    found = node.get(f"{node.root}collections/").json()["collections"]
    assert len(found) == 4
    for each in found:
        assert isinstance(each["id"], str)
        assert isinstance(each["title"], str)
        assert isinstance(each["can_read"], bool)
        assert isinstance(each["can_write"], bool)
        assert each["media_types"]
        assert all(value not in ([], "") for value in each.values())
    rights = {each["alias"]: (each["can_read"], each["can_write"]) for each in found}
    assert rights == {
        "rw": (True, True),
        "ro": (True, False),
        "wo": (False, True),
        "private": (True, True),
    }


def test_D2_ids_are_random_uuids(node: Node) -> None:
    for each in node.get(f"{node.root}collections/").json()["collections"]:
        assert each["id"][14] == "4"
        assert each["id"][19] in "89ab"


def test_D3_one_is_as_it_is_listed(node: Node) -> None:
    for each in node.get(f"{node.root}collections/").json()["collections"]:
        assert node.get(f"{node.root}collections/{each['id']}/").json() == each


def test_D4_the_same_order_every_time(node: Node) -> None:
    said = {node.get(f"{node.root}collections/").text for _ in range(5)}
    assert len(said) == 1


def test_D5_the_alias_in_place_of_the_id(node: Node) -> None:
    for end in ("", "objects/", "manifest/"):
        by_id = node.get(f"{node.collection('ro')}{end}")
        by_alias = node.get(f"{node.root}collections/ro/{end}")
        assert by_alias.status_code == 200
        assert by_alias.json() == by_id.json()


def test_D6_an_unknown_collection(node: Node) -> None:
    for end in ("", "objects/", "manifest/", "objects/indicator--0/", "objects/x/versions/"):
        address = f"{node.root}collections/8d1c2ed2-6b3f-4a8a-a4b4-5a5d5f6f7a10/{end}"
        assert node.get(address).status_code == 404


@pytest.mark.parametrize(
    "garbage",
    ["not-a-uuid", "a" * 5000, "%00", "%ff%fe", "..%2f..%2fetc", "%25s", "'; DROP TABLE x--", "\N{SHIP}"],
)
def test_D7_garbage_in_the_path(node: Node, garbage: str) -> None:
    for address in (
        f"{node.root}collections/{garbage}/", f"{node.root}collections/{garbage}/objects/",
        f"{node.root}status/{garbage}/", f"{node.collection('rw')}objects/{garbage}/",
        f"{node.collection('rw')}objects/{garbage}/versions/", f"{node.root}{garbage}/",
    ):  # fmt: skip
        assert 400 <= node.get(address).status_code < 500
