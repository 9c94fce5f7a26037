"""netguard: what is public, what is not, ports, and look-ups that hang."""

import socket
import threading
import time
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.netguard import objection, port_refused, refused, resolve, system_lookup

HOSTILE = [
    # IPv4: this host, private, shared, loopback, link-local and the metadata services of clouds
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1"),
    *("127.1.2.3", "127.255.255.254", "169.254.0.23", "169.254.169.254", "172.16.0.1", "172.31.255.255"),
    *("192.168.0.1", "192.168.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.192", "168.63.129.16"),
    # IPv4: documentation, measurement, relays, multicast, reserved, broadcast
    *("192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1", "198.19.255.255", "192.88.99.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    # IPv6: unspecified, loopback, link-local, unique local, site-local, multicast
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "ff0e::1"),
    # IPv6: IPv4 inside - mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::8.8.8.8"),
    *("::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::192.168.1.1", "64:ff9b::168.63.129.16"),
    *("64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:1::1", "2001:0:4136:e378::1"),
    *("2400:cb00::5efe:127.0.0.1", "2400:cb00::200:5efe:10.0.0.1", "fe80::5efe:8.8.8.8"),
    # IPv6: documentation, benchmarking, ORCHID, discard, SRv6, never assigned
    *("2001:db8::1", "3fff::1", "2001:2::1", "2001:20::1", "100::1", "200::1", "4000::1", "5f00::1"),
]
PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "223.5.5.5", "114.114.114.114", "172.32.0.1", "192.167.255.255", "100.128.0.1"),
    *("2400:3200::1", "2606:4700:4700::1111", "240e:1::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"),
    *("2002:808:808::1", "2400:cb00::5efe:8.8.8.8"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_not_public_is_refused(text: str) -> None:
    assert refused(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public_is_not_refused(text: str) -> None:
    assert not refused(ip_address(text))


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("127.0.0.1", "127.0.0.0/8"),
        ("::ffff:127.0.0.1", "127.0.0.0/8"),
        ("64:ff9b::10.1.2.3", "10.0.0.0/8"),
        ("fd12::1", "fd12::/16"),
        ("198.18.3.4", "198.18.0.0/15"),
    ],
)
def test_a_network_that_is_allowed_is_not_refused(text: str, network: str) -> None:
    assert refused(ip_address(text))
    assert not refused(ip_address(text), [ip_network(network)])
    assert refused(ip_address(text), [ip_network("192.168.7.0/24")])


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_like_itself(address: IPv4Address) -> None:
    number = int(address)
    wrapped = [
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(0x64FF9B << 96 | number),
        IPv6Address(0x2002 << 112 | number << 80 | 1),
        IPv6Address(0x240E << 112 | 0x5EFE << 32 | number),
    ]
    assert [refused(one) for one in wrapped] == [refused(address)] * len(wrapped)


@given(st.ip_addresses(v=6))
def test_only_global_unicast_is_ever_public(address: IPv6Address) -> None:
    if not refused(address):
        assert address in IPv6Network("2000::/3") or address.ipv4_mapped or "64:ff9b" in address.exploded


def test_ports() -> None:
    assert not [
        port for port in (80, 443, 1024, 7001, 8000, 8080, 8081, 8443, 9000, 65535) if port_refused(port)
    ]
    hostile = (0, 1, 21, 22, 23, 25, 53, 110, 139, 445, 587, 1023, 2375, 3306, 5432, 6379, 9200, 11211, 27017)
    assert all(port_refused(port) for port in hostile)


def test_an_objection_names_what_is_wrong() -> None:
    public, private = ip_address("8.8.8.8"), ip_address("10.0.0.1")
    assert objection([public], 443) is None
    assert objection([public, private], 443) == "a private address (10.0.0.1)"
    assert objection([public], 6379) == "port 6379, where no web site is"
    ten = [IPv4Network("10.0.0.0/8")]
    assert objection([private], 6379, ten) is None
    assert objection([private, public], 6379, ten) == "port 6379, where no web site is"


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1", "localhost"])
def test_odd_spellings_of_an_address_are_judged_by_where_they_lead(host: str) -> None:
    addresses = resolve(host, 80, 5.0)
    assert objection(addresses, 80) in ("a private address (127.0.0.1)", "a private address (::1)")


def test_the_system_finds_each_address_once() -> None:
    assert system_lookup("127.0.0.1", 80) == ["127.0.0.1"]
    assert system_lookup("::1", 80) == ["::1"]


def test_a_resolver_that_hangs_is_left_alone() -> None:
    release = threading.Event()

    def hang(host: str, port: int) -> Sequence[str]:
        release.wait()
        return ["127.0.0.1"]

    started = time.monotonic()
    with pytest.raises(TimeoutError):
        resolve("slow.example", 80, 0.2, hang)
    assert time.monotonic() - started < 3
    release.set()


@pytest.mark.parametrize(
    "failure", [socket.gaierror(socket.EAI_AGAIN, "later"), UnicodeError("label too long")]
)
def test_a_name_that_does_not_resolve_is_an_os_error(failure: Exception) -> None:
    def fail(host: str, port: int) -> Sequence[str]:
        raise failure

    with pytest.raises(socket.gaierror):
        resolve("nowhere.example", 80, 5.0, fail)


def test_a_name_without_addresses_is_an_os_error() -> None:
    with pytest.raises(socket.gaierror):
        resolve("empty.example", 80, 5.0, lambda host, port: [])


def test_a_label_that_is_too_long_is_an_os_error() -> None:
    with pytest.raises(socket.gaierror):
        resolve("a" * 64 + ".example", 80, 5.0)
