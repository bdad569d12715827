"""Variants of portraits: real edits, kept apart by person, and a run that goes on after a stop."""

import csv
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from hairstudio import resources
from hairstudio.editing.engine import Engine, installed_assets
from hairstudio.training import data
from hairstudio.training.variants import write_variants

NAMES = ("a", "b", "c")


@pytest.fixture(scope="module")
def portraits(tmp_path_factory):
    """The sample face under three names, so with three random edits, and a grey square."""
    folder = tmp_path_factory.mktemp("portraits")
    with Image.open(resources.path("samples/astronaut.png")) as photo:
        face = photo.convert("RGB").crop((90, 0, 350, 260))
    rows = [("file", "native_crop_px", "person")]
    for name in NAMES:
        face.save(folder / f"{name}.png")
        rows.append((f"{name}.png", "260", f"person-{name}"))
    Image.new("RGB", (128, 128), "grey").save(folder / "faceless.png")
    rows.append(("faceless.png", "260", "nobody"))
    with (folder / "index.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


def test_variants_go_on_after_a_stop(portraits, tmp_path):
    engine = Engine(installed_assets())
    first = list(islice(write_variants(engine, portraits, tmp_path, 10), 1))
    rest = list(write_variants(engine, portraits, tmp_path, 10))
    assert not set(first) & set(rest)
    rows = data.read_index(tmp_path, 0)
    assert [entry.name.split("-")[0] + ".png" for _, entry in rows] == first + rest
    for path, entry in rows:
        assert entry.person == f"person-{path.name[0]}"
        assert entry.variant
        with Image.open(path) as variant, Image.open(portraits / f"{path.name[0]}.png") as before:
            difference = np.asarray(variant, float) - np.asarray(before, float)
        assert np.abs(difference).mean() > 1
