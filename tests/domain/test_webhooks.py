"""Addresses that webhooks may call."""

import pytest

from domain.webhooks import is_public_address

PRIVATE = (
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address_is_found_in_every_form(address: str) -> None:
    """Also inside an address of IPv6: mapped, compatible, by NAT64, and by 6to4."""
    parts = [int(part) for part in address.split(".")]
    words = f"{parts[0] << 8 | parts[1]:x}:{parts[2] << 8 | parts[3]:x}"
    for form in (address, f"::ffff:{address}", f"::{address}", f"64:ff9b::{address}", f"2002:{words}::1"):
        assert not is_public_address(form), form


@pytest.mark.parametrize("address", ["::1", "::", "fe80::1", "fd00::1", "fec0::1", "ff0e::1", "5f00::1", "2001:db8::1"])
def test_special_address_is_not_public(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]
)
def test_public_address(address: str) -> None:
    assert is_public_address(address)
