"""Which hosts, ports and addresses may be fetched at all (server-side request forgery: CWE-918)."""

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

Lookup = Callable[[str, int], Sequence[str]]
"""Host and port -> IP addresses as text, best first; raises OSError where there are none."""

# Global according to IANA's registries or to `ipaddress`, and yet no place where news is published.
_RESERVED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # IETF protocol assignments (RFC 6890); 192.0.0.192 is Oracle Cloud's metadata
        "192.88.99.0/24",  # 6to4 relays, withdrawn (RFC 7526)
        "168.63.129.16/32",  # Azure's host agent
        "2001::/23",  # IETF protocol assignments (RFC 2928); Pythons differ on them
        "3fff::/20",  # documentation (RFC 9637), unknown to older Pythons
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Ports above 1023 that databases, caches, brokers and consoles of machines listen on, not web sites.
_DANGEROUS_PORTS = frozenset(
    {
        *(1080, 1099, 1433, 1434, 1521, 1719, 1720, 1723, 1883, 2049, 2181, 2375, 2376, 2379, 2380),
        *(3128, 3306, 3389, 3659, 4045, 4190, 4369, 4444, 5060, 5061, 5432, 5671, 5672, 5900, 5901),
        *(5984, 5985, 5986, 6000, 6379, 6380, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 8086),
        *(8125, 8200, 8300, 8500, 9042, 9092, 9160, 9200, 9300, 9418, 10050, 10051, 10250, 10255),
        *(11211, 15672, 16379, 25672, 26379, 27017, 27018, 27019, 28017, 50000, 50070, 61616),
    }
)
# Resolvers that hang keep their thread; this many of them at most.
_LOOKUPS = threading.BoundedSemaphore(64)


def refused(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Whether nothing may be fetched from `address`: it is not public, and in no network of `allowed`.

    An IPv6 address that only wraps an IPv4 one is as public as that one: IPv4-mapped (RFC 4291), NAT64
    (RFC 6052), 6to4 (RFC 3056); one that ends in one (ISATAP, RFC 5214) is public only if both are.
    """
    if any(address in network for network in allowed):
        return False
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        last = IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None or address in _NAT64:
            return refused(wrapped or last, allowed)
        isatap = (int(address) >> 32) & 0xFDFFFFFF == 0x5EFE
        if address not in _GLOBAL_UNICAST or (isatap and refused(last, allowed)):
            return True
    return not address.is_global or address.is_multicast or any(address in network for network in _RESERVED)


def port_refused(port: int) -> bool:
    """Whether no `port` of a public host is fetched: below 1024 but the web's own, or a known service's."""
    return port not in (80, 443) and (port < 1024 or port in _DANGEROUS_PORTS)


def objection(addresses: Sequence[Address], port: int, allowed: Sequence[Network] = ()) -> str | None:
    """What forbids to connect to `port` of any of `addresses`, as in "leads to …"; None if nothing does.

    One address that is refused refuses them all. In the networks of `allowed` any port may be fetched.
    """
    for address in addresses:
        if refused(address, allowed):
            return f"a private address ({address})"
        if port_refused(port) and not any(address in network for network in allowed):
            return f"port {port}, where no web site is"
    return None


def system_lookup(host: str, port: int) -> list[str]:
    """The addresses of `host` as the operating system resolves it, numbers in odd spellings included."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def resolve(host: str, port: int, timeout: float, lookup: Lookup = system_lookup) -> tuple[Address, ...]:
    """The addresses of `host`, in the order of `lookup`, at least one.

    Raises TimeoutError after `timeout` seconds: no resolver keeps a limit by itself, so that it runs in a
    thread that is left alone then. Raises OSError where there is no such name.
    """
    answers: queue.SimpleQueue[Sequence[str] | OSError | ValueError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(lookup(host, port))
        except (OSError, ValueError) as exc:  # ValueError: labels that are too long for IDNA
            answers.put(exc)
        finally:
            _LOOKUPS.release()

    if not _LOOKUPS.acquire(timeout=timeout):
        raise TimeoutError("too many names are being resolved")
    try:
        threading.Thread(target=ask, name=f"lookup {host}", daemon=True).start()
    except RuntimeError as exc:
        _LOOKUPS.release()
        raise OSError("no thread is left to resolve names") from exc
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise TimeoutError("the name was not resolved in time") from None
    if isinstance(answer, OSError):
        raise answer
    if isinstance(answer, ValueError) or not answer:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    return tuple(ipaddress.ip_address(text) for text in answer)
