"""Perceptual distance: 0 for equal pictures, and it grows with the change."""

import pytest
import torch
from torch.nn import functional as F

from hairstudio.errors import UserError
from hairstudio.nets import perceptual
from hairstudio.weights import store


@pytest.fixture(scope="module")
def features():
    return perceptual.ParsingFeatures(store.path("face_parsing"))


@pytest.fixture
def picture():
    torch.manual_seed(0)
    return F.interpolate(torch.randn(1, 3, 16, 16), 128, mode="bicubic").tanh()


def test_distances_grow_with_the_change(features, picture):
    near = perceptual.distance(features, picture, picture * 0.98)
    far = perceptual.distance(features, picture, picture.flip(3))
    assert perceptual.distance(features, picture, picture) == 0
    assert 0 < 5 * near < far


def test_only_the_weighted_part_counts(features, picture):
    changed = picture.clone()
    changed[:, :, :64] *= -1
    weight = torch.zeros(1, 1, 128, 128)
    weight[:, :, :64] = 1
    inside, outside = (
        perceptual.distance(features, picture, changed, w) for w in (weight, 1 - weight)
    )
    assert outside < 0.5 * inside


def test_gradients_flow_to_the_picture(features, picture):
    picture.requires_grad_()
    perceptual.distance(features, picture, picture.detach() * 0.5).backward()
    assert picture.grad.abs().sum() > 0


def test_a_users_vgg16(tmp_path, picture):
    torch.save(perceptual.VGG16().state_dict() | {"classifier.0.weight": torch.zeros(1)},
               tmp_path / "vgg16.pth")  # fmt: skip
    vgg = perceptual.load_vgg16(tmp_path / "vgg16.pth")
    assert [f.shape[1:] for f in vgg(picture)] == [
        (64, 128, 128), (128, 64, 64), (256, 32, 32), (512, 16, 16), (512, 8, 8)]  # fmt: skip
    torch.save({"features.0.weight": torch.zeros(1)}, tmp_path / "bad.pth")
    with pytest.raises(UserError, match=r"bad\.pth: not the weights of a VGG16"):
        perceptual.load_vgg16(tmp_path / "bad.pth")
