"""The access policy, chosen once when the server starts."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

from assistant.access.accounts_file import AccountsFile
from assistant.access.groups import Access, NotedAccess
from assistant.models.corpus_files import ACCESS_FILE
from assistant.support.addresses import is_loopback, parse_address
from assistant.support.errors import SettingsError

if TYPE_CHECKING:
    from assistant.support.settings import Settings

LOOPBACK = ("127.0.0.1", "::1")

CHOICES = (
    "Choose at least one: users with passwords (assistant user add NAME), keys for programs "
    "(assistant key add NAME --scope ask), a proxy that signs people in "
    "(ASSISTANT_PROXY_HEADER with ASSISTANT_PROXY_ADDRESSES), or everyone (--public)."
)


@dataclass(frozen=True, slots=True)
class SignOn:
    """A proxy that authenticates people, and the headers in which it names user and groups. The
    members of the groups ``editors`` may change articles.
    """

    user: str
    groups: str | None
    proxies: tuple[IPv4Network | IPv6Network, ...]
    editors: frozenset[str] = frozenset()

    def trusts(self, peer: str) -> bool:
        """Whether ``peer`` is such a proxy."""
        address = parse_address(peer)
        return address is not None and any(address in network for network in self.proxies)


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may ask. Until one chooses, only the owner, on the machine itself.

    With ``public``, anonymous visitors may ask. ``proxies`` are trusted to name the client and the
    scheme of its request. ``access`` are the rules of the corpus. Unless ``editing``, nobody may
    change articles.
    """

    public: bool
    sign_on: SignOn | None
    accounts: AccountsFile
    access: Access | NotedAccess
    proxies: tuple[str, ...] = LOOPBACK
    editing: bool = True

    @property
    def closed(self) -> bool:
        """Whether a choice was made: the first user or key already shuts everyone else out."""
        return bool(self.public or self.sign_on or self.accounts.were_any())

    @property
    def must_choose(self) -> bool:
        """Whether some may see more than others, so that not everyone can be the owner."""
        return self.access.rules().places is not None


def choose(settings: Settings, accounts: AccountsFile) -> Policy:
    """Derive the policy from the settings and the users and keys.

    Raises ``SettingsError`` if others could reach the assistant, or folders are limited to groups,
    before anyone chose who may ask, or if nobody could ask; ``AccessError`` if the file cannot be
    read.
    """
    sign_on = _sign_on(settings)
    anyone_known = bool(accounts.read())
    if settings.users and not (anyone_known or sign_on or settings.public):
        raise SettingsError(
            f"ASSISTANT_USERS={settings.users} has no user and no key, so nobody could ask. "
            f"{CHOICES}"
        )
    proxies = settings.proxy_addresses or LOOPBACK
    access = Access(settings.corpus, lambda: None)
    policy = Policy(settings.public, sign_on, accounts, access, proxies, settings.editing)
    if anyone_known or sign_on or settings.public:
        return policy
    if policy.closed:
        raise SettingsError(
            f"{accounts.name} no longer has any user or key, so nobody could ask. {CHOICES} To "
            "use it on your own again, remove that."
        )
    if not is_loopback(settings.host):
        raise SettingsError(
            f"Others can reach {settings.host or 'every address of this machine'}, but nobody has "
            f"chosen who may ask. {CHOICES} On 127.0.0.1 no choice is needed."
        )
    if policy.must_choose:
        raise SettingsError(
            f"{settings.corpus / ACCESS_FILE} limits folders to groups, but nobody has chosen who "
            f"may ask. {CHOICES}"
        )
    return policy


def _sign_on(settings: Settings) -> SignOn | None:
    if settings.proxy_header is None:
        if settings.proxy_groups_header is not None:
            raise SettingsError(
                "ASSISTANT_PROXY_GROUPS_HEADER is set without ASSISTANT_PROXY_HEADER: set that to "
                "the header that names the user, too."
            )
        return None
    if not settings.proxy_addresses:
        raise SettingsError(
            f"ASSISTANT_PROXY_HEADER={settings.proxy_header} is set, but anyone could send it. Set "
            "ASSISTANT_PROXY_ADDRESSES to the addresses that the proxy connects from."
        )
    networks = tuple(ip_network(address) for address in settings.proxy_addresses)
    groups = settings.proxy_groups_header
    editors = frozenset(settings.proxy_editors)
    return SignOn(settings.proxy_header.lower(), groups and groups.lower(), networks, editors)
