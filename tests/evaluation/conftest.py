from dataclasses import replace

import pytest

from hairstudio.editing.engine import Engine, installed_assets
from hairstudio.evaluation.enlarged import enlarged
from hairstudio.evaluation.subject import Subject
from hairstudio.imaging.photo import Photo, read_photo


@pytest.fixture(scope="session")
def assets():
    return installed_assets()


@pytest.fixture(scope="session")
def subject(astronaut, assets):
    """The sample at 775 x 775: large enough for strands to be seen."""
    sample, engine = read_photo(astronaut), Engine(assets)
    photo = replace(sample, pixels=enlarged(sample.pixels, 0.6))
    return Subject(photo, engine.analyse(photo), engine, assets)


@pytest.fixture(scope="session")
def bare(bare_forehead, assets):
    """The sample with its forehead free, at 1024 x 1056."""
    photo, engine = Photo(bare_forehead), Engine(assets)
    return Subject(photo, engine.analyse(photo), engine, assets)
