"""Maps that most points of interest agree on."""

from __future__ import annotations

import numpy as np
import pytest

from whaleline.forms.interest import Interest, maps

SIZE = 1000  # pixels to a side of both pictures


def test_points_that_all_look_like_one_do_not_shrink_the_page_to_it() -> None:
    random = np.random.default_rng(3)
    at, looks = random.uniform(100, 800, (60, 2)), np.abs(random.standard_normal((61, 128))).astype(np.float32)
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    # 20 points lie alike in both pictures; 40 crossings of the form's rules look like the one that the scan has left.
    form = Interest(at, np.concatenate([looks[:20], np.repeat(looks[60:], 40, axis=0)]))
    scan = Interest(at + np.array([30, 50]), np.concatenate([looks[:20], looks[60:], looks[21:60]]))
    found = list(maps(form, (SIZE, SIZE), scan, (SIZE, SIZE), 0.8))
    assert found
    for each in found:
        assert each / each[2, 2] == pytest.approx(np.array([[1, 0, 30], [0, 1, 50], [0, 0, 1]]), abs=1e-3)
