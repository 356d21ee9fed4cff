"""The throttle admits a key once per interval."""

from common.throttle import _MAX_KEYS, Throttle


def test_throttle_admits_a_key_once_a_second_and_counts_rejections() -> None:
    clock = [0.0]
    throttle = Throttle(1.0, lambda: clock[0])
    assert [throttle.admit("a") for _ in range(3)] == [0, None, None]
    assert throttle.admit("b") == 0
    clock[0] = 1.0
    assert [throttle.admit("a") for _ in range(2)] == [2, None]


def test_number_of_keys_is_bounded() -> None:
    throttle = Throttle(1.0, lambda: 0.0)
    for key in range(3 * _MAX_KEYS):
        throttle.admit(key)
    assert len(throttle._keys) <= _MAX_KEYS
