import io

import numpy as np
import pytest
from PIL import Image

from labelwright.core.errors import DataError
from labelwright.formats import ImportSettings, items, read
from labelwright.testing import formats as laws


def picture(path, size=(8, 4), mode="RGB", shade=255, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, shade if mode in ("L", "I;16", "F") else (shade,) * len(mode)).save(
        path, **options
    )
    return path


def items_of(paths, **options):
    settings = ImportSettings(**options)
    return list(items(read(paths, settings), settings))


def noise(size):
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8))


@pytest.mark.parametrize(
    "ending", ["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff", "PNG"]
)
def test_every_usual_kind_of_image_is_read(tmp_path, ending):
    path = picture(tmp_path / f"a.{ending}")
    (batch,) = items_of(tmp_path)
    (row,) = batch.items.to_pylist()
    assert (row["_id"], row["width"], row["height"]) == (f"a.{ending}", 8, 4)
    assert row["_media"] == path.read_bytes()
    assert row["bytes"] == path.stat().st_size
    assert row["brightness"] == pytest.approx(1.0, abs=0.01)
    assert row["contrast"] == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(
    ("mode", "shade", "expected"), [("I;16", 65535, 1.0), ("F", 2.0, None), ("L", 51, 0.2)]
)
def test_brightness_is_a_share_of_the_range_if_there_is_one(tmp_path, mode, shade, expected):
    picture(tmp_path / "a.tif", mode=mode, shade=shade)
    (row,) = items_of(tmp_path)[0].items.to_pylist()
    assert row["brightness"] == (None if expected is None else pytest.approx(expected))


def test_folders_give_the_answers_and_no_field(tmp_path):
    for name in ("cat/1.png", "cat/2.png", "dog/1.png", "0.png"):
        picture(tmp_path / name)
    (batch,) = items_of(tmp_path, gold="folder")
    assert batch.items.column("_id").to_pylist() == ["0.png", "cat/1.png", "cat/2.png", "dog/1.png"]
    assert batch.gold.to_pylist() == [None, "cat", "cat", "dog"]
    assert "folder" not in batch.items.schema.names


def test_copies_have_one_hash_and_two_ids(tmp_path):
    picture(tmp_path / "a" / "1.png")
    picture(tmp_path / "b" / "2.png")
    (batch,) = items_of(tmp_path)
    assert len(set(batch.items.column("_hash").to_pylist())) == 1
    assert len(set(batch.items.column("_id").to_pylist())) == 2
    (batch,) = items_of(tmp_path, id="_hash")
    assert len(set(batch.items.column("_id").to_pylist())) == 1


def test_a_linked_image_has_no_bytes_but_the_same_hash(tmp_path):
    path = picture(tmp_path / "1.png")
    ((embedded,), (linked,)) = (items_of(tmp_path, media=mode) for mode in ("embed", "link"))
    assert linked.items.column("_media").to_pylist() == [None]
    assert linked.items.column("_media_uri").to_pylist() == [str(path)]
    assert linked.items.column("_hash").equals(embedded.items.column("_hash"))


def test_damaged_images_are_set_aside_and_the_rest_survives(tmp_path):
    buffer = io.BytesIO()
    noise((64, 64)).save(buffer, "png")
    (tmp_path / "a_truncated.png").write_bytes(buffer.getvalue()[:5000])
    (tmp_path / "b_empty.jpg").write_bytes(b"")
    (tmp_path / "c_text.gif").write_text("not an image")
    (tmp_path / "d_gone.png").symlink_to(tmp_path / "nowhere.png")
    picture(tmp_path / "e_huge.png", (200, 100))
    picture(tmp_path / "f_fine.png")
    (batch,) = items_of(tmp_path, max_pixels=10_000)
    assert batch.items.column("_id").to_pylist() == ["f_fine.png"]
    reasons = [reject.reason for reject in batch.rejects]
    assert [reject.file.rpartition("/")[2][0] for reject in batch.rejects] == list("abcde")
    assert "damaged" in reasons[0]
    assert reasons[1] == "is empty"
    assert "is damaged or no image" in reasons[2]
    assert "cannot be read" in reasons[3]
    assert reasons[4] == "has 200 x 100 pixels, more than 10000"


def test_a_decompression_bomb_is_not_opened(tmp_path):
    picture(tmp_path / "bomb.png", (20_000, 20_000), mode="L", shade=0)
    (batch,) = items_of(tmp_path)
    assert batch.items.num_rows == 0
    assert "pixel" in batch.rejects[0].reason


def test_a_file_too_large_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr("labelwright.formats.images.MAX_FILE_BYTES", 10)
    picture(tmp_path / "1.png")
    assert "more than 10" in items_of(tmp_path)[0].rejects[0].reason


def test_a_folder_read_in_pieces_gives_the_same_items(tmp_path):
    for number in range(5):
        picture(tmp_path / f"{number}.png", shade=number * 50)
    laws.blocks_change_nothing(tmp_path, ImportSettings())
    laws.the_same_file_gives_the_same_items(tmp_path, ImportSettings(gold="folder"))
    assert len(list(read(tmp_path, block_bytes=1))) == 5


def test_only_the_wanted_fields_are_kept(tmp_path):
    picture(tmp_path / "1.png")
    (batch,) = items_of(tmp_path, fields=("width",))
    assert batch.items.schema.names == ["_id", "_split", "_hash", "_media", "_media_uri", "width"]
    assert batch.items.column("_id").to_pylist() == ["1.png"]


def test_images_beside_tables_must_be_told_apart(tmp_path):
    picture(tmp_path / "1.png")
    (tmp_path / "labels.csv").write_text("a\n1\n")
    (tmp_path / "README.md").write_text("hello")
    with pytest.raises(DataError, match="1 images and 1 tables cannot be read together"):
        read(tmp_path)
    (chunk,) = read(tmp_path, format="images")
    assert chunk.rows.num_rows == 1


def test_a_glob_keeps_the_path_below_its_fixed_part(tmp_path):
    picture(tmp_path / "cat" / "1.png")
    (batch,) = items_of(f"{tmp_path}/*/*.png", gold="folder")
    assert batch.items.column("_id").to_pylist() == ["cat/1.png"]
    (batch,) = items_of(tmp_path / "cat" / "1.png")
    assert batch.items.column("_id").to_pylist() == ["1.png"]
