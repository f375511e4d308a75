from ipaddress import ip_address

import pytest

from assistant.ingest.web.addresses import AddressGuard, is_public
from assistant.support.allowed_hosts import Allowed
from assistant.support.errors import FetchError


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::", "64:ff9b::808:808"],
)
def test_an_address_of_the_internet_is_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1",
        "169.254.1.1",
        "224.0.1.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "192.88.99.1",
        "::", "::1", "fe80::1", "fe80::1%1", "fc00::1", "fec0::1", "ff0e::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
        "2002:7f00:1::", "2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b:1::808:808", "2001:0:a00:1::",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_internet_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254",
     "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"],
)  # fmt: skip
def test_the_metadata_of_cloud_machines_is_not_public(address):
    assert not is_public(ip_address(address))


def guard(*addresses, allowed=()):
    return AddressGuard(Allowed.of(allowed), lambda host, port: list(addresses))


def test_a_public_host_is_let_through_with_its_addresses():
    assert guard("8.8.8.8", "8.8.4.4").addresses("site.example", 80) == ["8.8.8.8", "8.8.4.4"]


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(FetchError, match=r"site\.example.*10\.0\.0\.1.*ASSISTANT_FETCH_HOSTS"):
        guard("8.8.8.8", "10.0.0.1").addresses("site.example", 80)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "169.254.169.254", "localhost", "2130706433", "0x7f.1"]
)
def test_a_private_address_is_refused_however_it_is_written(host):
    with pytest.raises(FetchError):
        AddressGuard().addresses(host, 80)


@pytest.mark.parametrize(
    ("entry", "host", "address", "admitted"),
    [
        ("wiki.intra", "wiki.intra", "10.0.0.1", True),
        ("wiki.intra", "WIKI.intra.", "10.0.0.1", True),
        ("wiki.intra", "evil-wiki.intra", "10.0.0.1", False),
        (".intra.example", "a.b.intra.example", "10.0.0.1", True),
        (".intra.example", "intra.example", "10.0.0.1", False),
        (".intra.example", "notintra.example", "10.0.0.1", False),
        ("10.1.0.0/16", "any.example", "10.1.2.3", True),
        ("10.1.0.0/16", "any.example", "::ffff:10.1.2.3", True),
        ("10.1.0.0/16", "any.example", "10.2.0.1", False),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", True),
        ("[::1]", "::1", "::1", True),
    ],
)
def test_a_listed_host_is_let_through_and_no_other(entry, host, address, admitted):
    assert Allowed.of([entry]).admits(host, ip_address(address)) is admitted


@pytest.mark.parametrize("entry", ["*", "*.example", ".", "10.0.0.0/99", "http://wiki.intra/"])
def test_an_entry_that_is_no_host_is_refused(entry):
    with pytest.raises(ValueError):  # noqa: PT011
        Allowed.of([entry])


def test_a_host_without_an_address_is_not_found():
    def nothing(host, port):
        raise OSError("no such name")

    with pytest.raises(FetchError, match="not found"):
        AddressGuard(resolve=nothing).addresses("gone.example", 80)
