"""Encodings, compressed files, and files that are no text."""

import gzip

import pytest
from reading import read_tagged, refuse

CITY = "München\tB-LOC\n"
READ = [("München", "B-LOC")]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (CITY.encode("latin-1"), {"encoding": "latin-1"}),
        (CITY.encode("cp1252"), {"encoding": "cp1252"}),
        (CITY.encode("utf-16"), {"encoding": "utf-16"}),
        (CITY.encode("utf-8-sig"), {"encoding": "utf-8-sig"}),
        (gzip.compress(CITY.encode(), mtime=0), {"name": "train.tsv.gz"}),
        (gzip.compress(CITY.encode(), mtime=0), {}),
        (gzip.compress(CITY.encode("latin-1"), mtime=0), {"encoding": "latin-1", "name": "train.tsv.gz"}),
        (CITY.encode(), {"name": "train.tsv.gz"}),  # decompressed, and not renamed
    ],
)
def test_encodings_and_compressed_files_are_read(tmp_path, content, options):
    assert read_tagged(tmp_path, content, **options) == READ


@pytest.mark.parametrize(
    ("content", "options", "found"),
    [
        (
            ("a\tO\n\n" + CITY).encode("latin-1"),
            {},
            ":3: byte 0xfc is not UTF-8; write `local: {path: ..., encoding: la",
        ),
        (CITY.encode("utf-16"), {}, ":1: byte 0xff is not UTF-8; write `local: {path: ..., encoding: utf-16}` if"),
        (b"a\tO\n\xff\tO\n", {"encoding": "ascii"}, ":2: byte 0xff is not ascii; correct `encoding`"),
        (CITY.encode(), {"encoding": "klingon"}, ": cannot be read in the encoding 'klingon'; write a name that"),
        (CITY.encode(), {"encoding": "base64"}, ": cannot be read in the encoding 'base64'"),
        (b"a\tO\n\\ud800\tO\n", {"encoding": "unicode_escape"}, ": contains U+D800, which is no character of a text"),
        (b"a\tO\n\0b\tO\n", {}, ":2: contains 1 NUL characters; remove them"),
        (gzip.compress(CITY.encode(), mtime=0)[:-9], {}, ": cannot be decompressed ("),
        (b"PK\x03\x04abc\xff", {}, ": is a zip archive or a spreadsheet; unpack it, or export it as CSV"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            {},
            ": is a pointer of Git LFS, not the",
        ),
    ],
)
def test_what_cannot_be_decoded_is_refused_with_what_to_write(tmp_path, content, options, found):
    assert refuse(tmp_path, content, **options).startswith(f"train.tsv{found}")
