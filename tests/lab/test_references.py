"""References differ from the photo in their region only, and features come from the donor."""

import cv2
import numpy as np
import pytest

from hairstudio.errors import UserError
from hairstudio.imaging.photo import read_photo
from hairstudio.lab import references
from hairstudio.lab.references import FEATURES, Face

SIDE = 128
DRAWN = ("dye", "bangs", "volume", "fill")


@pytest.fixture(scope="module")
def made(engine, face, donor):
    """By attribute; the sample's hairline hides under her fringe."""
    return {
        name: references.make(
            engine, face, name, references.check(name, None, name in FEATURES), SIDE, donor
        )
        for name in (*DRAWN, *FEATURES)
    }


@pytest.mark.parametrize("name", [*DRAWN, *FEATURES])
def test_a_reference_differs_in_its_region_only(made, name):
    reference = made[name]
    change = np.abs(reference.rgb - reference.original).max(2)
    assert change[reference.region < 0.01].max() < 0.02
    assert change[reference.region > 0.9].mean() > 5 * change[reference.region < 0.01].mean()
    assert 0.005 < reference.region.mean() < 0.6


def test_dyed_hair_is_redder_and_a_fringe_covers_the_forehead(made):
    dye = made["dye"]
    redder = (dye.rgb - dye.original)[dye.region > 0.9].mean(0)
    assert redder[0] > redder[2]
    assert made["bangs"].region[30:50, 50:78].mean() > 0.3


def test_a_mouth_is_the_donors(made, face, donor):
    """Her smile closes: the teeth between the lips are gone."""
    x, y = face.points(SIDE)[[13, 14]].mean(0).round().astype(int)
    before, after = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY)[y - 1 : y + 2, x - 3 : x + 4].mean()
                     for each in (made["mouth"].original, made["mouth"].rgb))  # fmt: skip
    assert after < before - 0.1


def test_a_donor_that_looks_another_way_is_refused(engine, face, shared):
    """A feature seen from the side would be torn when it is laid on a face seen from the front."""
    aside = Face.open(engine, read_photo(shared / "portraits/train/512/josh-hawley.jpg"))
    with pytest.raises(UserError, match="looks another way"):
        references.make(engine, face, "eyes", "", SIDE, aside)


def test_what_glasses_cover_is_not_lent(engine, face, shared):
    behind = Face.open(engine, read_photo(shared / "portraits/train/512/bobby-rush.jpg"))
    for pair, who in (((behind, face), "face"), ((face, behind), "donor")):
        with pytest.raises(UserError, match=f"the {who} of the brows wears glasses"):
            references.make(engine, pair[0], "brows", "", SIDE, pair[1])


def test_teeth_keep_their_tint_beside_other_skin(engine, shared):
    """Skin of another colour around them is no light."""
    folder = shared / "portraits/train/512"
    tan, pale = (Face.open(engine, read_photo(folder / f"{name}.jpg"))
                 for name in ("tom-reed", "pete-stauber"))  # fmt: skip
    made = references.make(engine, tan, "mouth", "", 512, pale)
    lent, own = _teeth(made.rgb, tan), _teeth(pale.aligned(512) / np.float32(255), pale)
    assert abs(lent - own) < 6


def _teeth(rgb, face):
    """Median b* of the bright ones between the lips."""
    x, y = face.points(512)[[13, 14]].mean(0).round().astype(int)
    lab = cv2.cvtColor(rgb.astype(np.float32), cv2.COLOR_RGB2LAB)[y - 10 : y + 11, x - 30 : x + 31]
    return np.median(lab[lab[..., 0] > 75, 2])


def test_brows_do_not_cover_the_eyes(engine, shared):
    """His own are near his eyes, the donor's are not."""
    folder = shared / "portraits/train/512"
    near, far = (Face.open(engine, read_photo(folder / f"{name}.jpg"))
                 for name in ("angus-king", "bill-cassidy"))  # fmt: skip
    made = references.make(engine, near, "brows", "", 512, far)
    shape = np.zeros((512, 512), np.uint8)
    for outline in FEATURES["eyes"]:
        cv2.fillConvexPoly(shape, cv2.convexHull(near.points(512)[list(outline)].astype(int)), 1)
    kept = (made.rgb == made.original).all(-1)
    assert kept[cv2.erode(shape, np.ones((5, 5))) > 0].all()
    assert not kept[made.region > 0.9].all()


def test_averaging_follows_the_size(engine, face, made):
    assert references.make(engine, face, "dye", "auburn", 64).factor == made["dye"].factor // 2
    assert references.make(engine, face, "dye", "auburn", 64).rgb.shape == (64, 64, 3)


def test_a_similarity_is_found_again():
    points = np.array([[0.0, 0], [4, 1], [2, 7]])
    moved = references.fitted(points, points @ np.array([[0, 2], [-2, 0]]) + (5, 6))
    assert np.allclose((moved.a, moved.b, moved.tx, moved.ty), (0, 2, 5, 6))


@pytest.mark.parametrize(
    ("attribute", "value", "donor", "reason"),
    [
        ("eyes", None, False, "needs the face of another photo"),
        ("eyes", "1", True, "takes no --value"),
        ("dye", None, True, "takes no --donor"),
        ("dye", "mauve-ish", False, "mauve-ish"),
        ("hairline", "low", False, "not a number"),
        ("hairline", "0", False, "changes nothing"),
        ("volume", "7", False, "--value"),
    ],
)
def test_what_makes_no_sense_is_refused(attribute, value, donor, reason):
    with pytest.raises(UserError, match=reason):
        references.check(attribute, value, donor)


def test_an_attribute_that_this_face_cannot_take_is_refused(engine, face):
    with pytest.raises(UserError, match="changes nothing on this face"):
        references.make(engine, face, "hairline", "-0.8", SIDE)
