import numpy as np
import pytest

from hairstudio.metrics.hairline import judge_sweep, shape_rms
from hairstudio.portrait.hairline import HairlineCurve

VALUES = np.round(np.linspace(-1, 1, 11), 1)
U = np.linspace(-0.9, 0.9, 61, dtype=np.float32)
BROW = -0.3


def curve(dv=0.0, wobble=0.0):
    """A curved hairline, .75 IOD high in the middle, lifted by ``dv``."""
    v = -1.05 + 0.25 * U**2 + 0.02 * np.sin(9 * U) - dv + wobble
    return HairlineCurve(U, np.float32(v), BROW)


def sweep(shift=lambda v: 0.24 * v):
    return [(float(v), curve(shift(v))) for v in VALUES]


def test_an_even_move_passes():
    result = judge_sweep(sweep())
    assert result.passed
    assert result.spearman == pytest.approx(1)
    assert result.step_ratio == pytest.approx(1, abs=1e-3)
    assert result.raised == pytest.approx(0.24 / curve().height, abs=1e-3)


def test_the_order_of_the_steps_does_not_matter():
    assert judge_sweep(sweep()[::-1]) == judge_sweep(sweep())


def test_a_slider_that_does_nothing_fails():
    result = judge_sweep(sweep(lambda v: 0.0))
    assert [k for k, ok in result.checks.items() if not ok] == ["monotone", "range", "steps"]


def test_a_timid_slider_fails_its_range_only():
    result = judge_sweep(sweep(lambda v: 0.1 * v))
    assert [k for k, ok in result.checks.items() if not ok] == ["range"]


def test_a_reversed_slider_fails():
    assert not judge_sweep(sweep(lambda v: -0.24 * v)).checks["monotone"]


def test_a_slider_that_turns_back_fails():
    assert not judge_sweep(sweep(lambda v: 0.24 * v - 0.3 * (v > 0.7))).checks["monotone"]


def test_a_jump_fails_its_steps():
    result = judge_sweep(sweep(lambda v: 0.14 * v + 0.2 * (v > 0.5)))
    assert [k for k, ok in result.checks.items() if not ok] == ["steps"]


def test_a_limited_end_is_not_asked_for_its_range():
    held = sweep(lambda v: 0.24 * min(v, 0.2))
    assert not judge_sweep(held).passed
    result = judge_sweep(held, limited={0.4, 0.6, 0.8, 1.0})
    assert result.passed
    assert result.raised is None


def test_a_torn_hairline_fails_its_shape():
    steps = sweep()
    torn = 0.2 * ((U > -0.1) & (U < 0.1))
    steps[0] = (-1.0, curve(-0.24, wobble=torn))
    assert [k for k, ok in judge_sweep(steps).checks.items() if not ok] == ["shape"]


def test_a_hairline_lost_in_some_columns_fails_its_shape():
    lost = curve(0.1)
    lost.v[30:33] = np.nan
    assert shape_rms(curve(), lost) < 1e-6
    lost.v[30:35] = np.nan
    assert shape_rms(curve(), lost) == np.inf


def test_a_flattened_hairline_fails_its_shape():
    peaked = curve(wobble=0.1 * np.exp(-((U / 0.15) ** 2)))
    assert shape_rms(peaked, curve()) > 0.03


def test_a_shift_alone_keeps_the_shape():
    assert shape_rms(curve(), curve(0.24)) < 1e-6


def test_columns_without_hair_before_say_nothing():
    bald = curve()
    bald.v[:25] = np.nan
    assert shape_rms(bald, curve(0.1)) < 1e-6


def test_a_sweep_without_a_start_is_refused():
    with pytest.raises(ValueError, match="value 0"):
        judge_sweep([(v, c) for v, c in sweep() if v != 0])
