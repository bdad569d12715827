"""The cache keeps to its budget and drops what was not used for longest."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hairstudio.editing.cache import Cache, array_bytes


def block(count):
    return np.zeros(count, np.uint8)


def test_least_recently_used_goes_first():
    cache = Cache(100)
    for key in "abc":
        cache.put(key, block(40))
        cache.get("a")
    assert cache.get("b") is None
    assert cache.get("a") is not None and cache.get("c") is not None
    assert cache.used == 80


def test_a_value_larger_than_the_budget_is_not_kept_and_drops_nothing():
    cache = Cache(100)
    cache.put("small", block(60))
    cache.put("large", block(101))
    assert cache.get("large") is None and cache.get("small") is not None


def test_replacing_a_value_counts_its_new_size():
    cache = Cache(100)
    cache.put("a", block(10))
    cache.put("a", block(90))
    assert cache.used == 90


def test_bytes_of_lazily_computed_and_shared_arrays():
    @dataclass(frozen=True, eq=False)
    class Lazy:
        first: np.ndarray

        @cached_property
        def later(self):
            return block(50)

    lazy = Lazy(block(10))
    assert array_bytes((lazy, lazy)) == 10
    assert lazy.later.size == 50
    assert array_bytes((lazy, lazy.first)) == 60
