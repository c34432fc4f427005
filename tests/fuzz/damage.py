"""Random damage to the content of a file: what disks, editors, other programs and strangers do to it."""

from __future__ import annotations

import ast
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
from lxml import etree
from pyarrow import parquet
from safetensors import SafetensorError
from safetensors.numpy import load

from kinverse.network.file import write_tensors

Damage = Callable[[bytes, np.random.Generator], bytes]
ODD = (
    b"", b"nan", b"inf", b"-1e400", b"1e308", b"1_0", "١".encode(), b"0x10", b"'", b'"', b"\x00", b"\xff\xfe",
    b"\xed\xa0\x80", "−1".encode(), "é".encode(), "\u2028".encode(), b"[" * 2000, b'{"a":' * 500, b"9" * 5000,
    b"a" * 100_000, b"null", b"true", b"-5", b"$\\frac{$", b"\\ud800", b"\x1b[31m", b";", b"\t", b"\r", b"1,5", b"&b;",
    b"../../x", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<a>" * 2000, b"\xef\xbb\xbf",
)  # fmt: skip
"""In place of a value, as bytes."""
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 7, 2**31, 2**63, 2**64, -(10**30), 1e308, -1e-320, 0.5, "", "a", "nan", "panda", "\0",
    "\ud800", "\u2028", "\x1b[31m", "x" * 100_000, "../..", "/", "$\\frac{$", [], {}, [None], [[]], [1.5, "a"],
    {"a": 1}, [0.0] * 3000, {str(i): i for i in range(300)},
)  # fmt: skip
"""In place of a value in JSON."""
NUMBERS = (
    "", "nan", "inf", "-inf", "1e400", "1e308", "-1e308", "1e-400", "9" * 400, "1,5", "1_0", "0x1", "١", "1 2",
    "1 2 3 4", "0 0 0", "1e150 1e150 1e150", "1e6 1e6 1e6", "${x}", "a", "x" * 100_000,
    " ", "−1", "-0", "\u00a01", "1e5",
)  # fmt: skip
"""In place of a number or of three in XML."""


def damaged(content: bytes, suffix: str, generator: np.random.Generator) -> bytes:
    """The content after one to three changes; the suffix of the file says which changes its format knows."""
    kinds = (*EVERY, *BY_SUFFIX.get(suffix, ()) * 6)
    for _ in range(int(generator.choice([1, 1, 1, 2, 3]))):
        content = kinds[generator.integers(len(kinds))](content, generator)
    return content


def _flip(content: bytes, generator: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for place in generator.integers(0, max(len(changed), 1), size=int(generator.integers(1, 9))):
        if changed:
            changed[place] = int(generator.integers(256))
    return bytes(changed)


def _cut(content: bytes, generator: np.random.Generator) -> bytes:
    return content[: int(generator.integers(0, len(content) + 1))]


def _drop(content: bytes, generator: np.random.Generator) -> bytes:
    first, last = sorted(int(i) for i in generator.integers(0, len(content) + 1, size=2))
    return content[:first] + content[last:]


def _insert(content: bytes, generator: np.random.Generator) -> bytes:
    place = int(generator.integers(0, len(content) + 1))
    return content[:place] + ODD[generator.integers(len(ODD))] + content[place:]


def _value(content: bytes, generator: np.random.Generator) -> bytes:
    """One number or word is replaced."""
    found = list(re.finditer(rb"-?[\d.]+(e-?\d+)?|[A-Za-z_]\w*", content))
    if not found:
        return content
    chosen, other = (found[i] for i in generator.integers(len(found), size=2))
    value = other[0] if generator.random() < 0.4 else ODD[generator.integers(len(ODD))]
    return content[: chosen.start()] + value + content[chosen.end() :]


def _lines(content: bytes, generator: np.random.Generator) -> bytes:
    """A line is repeated or dropped, or two are exchanged."""
    lines = content.splitlines(keepends=True)
    if len(lines) < 2:
        return content * 2
    i, j = (int(k) for k in generator.integers(len(lines), size=2))
    kind = generator.integers(3)
    if kind == 0:
        lines.insert(i, lines[j])
    elif kind == 1:
        del lines[i]
    else:
        lines[i], lines[j] = lines[j], lines[i]
    return b"".join(lines)


def _separators(content: bytes, generator: np.random.Generator) -> bytes:
    old, new = (
        (b",", b";"), (b",", b"\t"), (b".", b","), (b"\n", b"\r\n"), (b"\n", b"\r"), (b"\n", b"\n\n"), (b" ", b"\t"),
    )[generator.integers(7)]  # fmt: skip
    return content.replace(old, new)


def _encoding(content: bytes, generator: np.random.Generator) -> bytes:
    names = ("utf-16", "utf-8-sig", "utf-32", "cp1252")
    return content.decode("latin-1").encode(names[generator.integers(len(names))], errors="replace")


def _json(content: bytes, generator: np.random.Generator) -> bytes:
    """One value of a JSON document is replaced, dropped or doubled."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return content
    places = list(_places(document))
    if not places:
        return content
    inside, key = places[generator.integers(len(places))]
    kind = generator.random()
    if kind < 0.15:
        del inside[key]
    elif kind < 0.25 and isinstance(inside, dict):
        inside[f"{key}2"] = inside[key]
    elif kind < 0.4 and isinstance(inside[key], list):
        inside[key] = inside[key] * 2
    elif kind < 0.5:
        other, place = places[generator.integers(len(places))]
        inside[key] = json.loads(json.dumps(other.get(place) if isinstance(other, dict) else other[:1]))
    else:
        inside[key] = VALUES[generator.integers(len(VALUES))]
    return json.dumps(document).encode()


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    keys: Any = document if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ()
    for key in list(keys):
        yield document, key
        yield from _places(document[key])


def _npy(content: bytes, generator: np.random.Generator) -> bytes:
    """Another type, order or shape in the header of an .npy file, or an array of another type with a true header."""
    if generator.random() < 0.5:
        file = io.BytesIO()
        kinds = ("f2", ">f8", "i4", "u8", "?", "c16", "U3", "S2", "M8[s]", "m8[s]", "V4", "f4,i2", "O", "g", "i1")
        shapes = ((), (0,), (3,), (0, 4, 4), (2, 4, 4), (1, 3, 4), (0, 0), (2, 2), (2, 3), (1,) * 20, (2, 0, 4))
        shape, kind = shapes[generator.integers(len(shapes))], kinds[generator.integers(len(kinds))]
        np.save(file, np.zeros(shape, kind), allow_pickle=True)
        return file.getvalue()
    header = re.search(rb"\{.*?\}", content[:256], re.DOTALL)
    if header is None:
        return content
    try:
        entries = ast.literal_eval(header[0].decode())
    except (ValueError, SyntaxError):
        return content
    choices = {
        "descr": (
            "<f8",
            ">f4",
            "|O",
            "<U9999999",
            "<f16",
            "|V0",
            "|S0",
            [("a", "<f8")] * 2,
            [("a", [("b", "O")])],
            3,
            "",
        ),
        "shape": ((), (-1, 4, 4), (8, 4, 4.0), (10**18, 4, 4), (0, 4, 4), (8, 16), (2**62, 2**62), ("8", 4, 4), 8),
        "fortran_order": (True, None, "yes"),
    }
    key = list(choices)[generator.integers(3)]
    entries[key] = choices[key][generator.integers(len(choices[key]))]
    text = repr(entries).encode().ljust(len(header[0]))
    return content[: header.start()] + text + content[header.end() :]


def _parquet(content: bytes, generator: np.random.Generator) -> bytes:
    """One column of a Parquet table has another type, or another name."""
    try:
        table = parquet.read_table(io.BytesIO(content))
    except Exception:  # damaged before
        return content
    rows, place = table.num_rows, int(generator.integers(max(table.num_columns, 1)))
    if not table.num_columns:
        return content
    columns: tuple[Any, ...] = (
        ["1.5"] * rows, ["x"] * rows, [None] * rows, [True] * rows, [[1.0]] * rows, [{"a": 1}] * rows, [b"\xff"] * rows,
        pyarrow.array(["1,5"] * rows).dictionary_encode(), pyarrow.array([2**63] * rows, pyarrow.uint64()),
        pyarrow.array([0] * rows, pyarrow.timestamp("ns")), pyarrow.array([1] * rows, pyarrow.decimal128(30, 2)),
        pyarrow.array(np.full(rows, np.nan)), pyarrow.array(np.full(rows, 1e308)), pyarrow.nulls(rows),
        pyarrow.array(np.ones(rows, np.float16)), ["é" * 50_000] * rows,
    )  # fmt: skip
    names = ("", "x", "m00", "m00 [m]", "\0", "é" * 5000, "\u2028", "x [mm]")
    name = table.column_names[place] if generator.random() < 0.7 else names[generator.integers(len(names))]
    table = table.set_column(place, name, pyarrow.array(columns[generator.integers(len(columns))]))
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


def _tensors(content: bytes, generator: np.random.Generator) -> bytes:
    """One tensor or one value of the description is replaced, and the checksum fits the new content."""
    try:
        tensors = load(content)
        length = int.from_bytes(content[:8], "little")
        entry = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["kinverse"])
        header = json.loads(entry["header"])
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError):
        return content
    kind = generator.random()
    if kind < 0.65:
        with_change = json.loads(_json(json.dumps(header).encode(), generator))
        header = with_change if isinstance(with_change, dict) else header
    elif tensors:
        name = sorted(tensors)[generator.integers(len(tensors))]
        old = tensors.pop(name)
        changes: tuple[Any, ...] = (
            None, old.astype(np.float64), old.astype(np.int32), old.ravel(), old[None], old.ravel()[:0],
            old.astype(bool), np.full_like(old, np.inf, dtype=np.float32), np.full_like(old, 1e38, dtype=np.float32),
            old[..., None], old.astype(np.uint8),
        )  # fmt: skip
        new = changes[generator.integers(len(changes))]
        if new is not None:
            tensors[name if generator.random() < 0.8 else f"{name}.2"] = new
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "signed"
        write_tensors(path, tensors, header)
        return path.read_bytes()


def _xml(content: bytes, generator: np.random.Generator) -> bytes:
    """One element of an XML document is dropped, doubled, renamed or nested, or an attribute is replaced."""
    try:
        document = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return content
    elements = [element for element in document.iter(etree.Element) if element.getparent() is not None]
    if not elements:
        return content
    element = elements[generator.integers(len(elements))]
    joints = [child for child in elements if child.tag in ("origin", "axis", "limit", "joint", "mimic", "parent")]
    if joints and generator.random() < 0.7:
        element = joints[generator.integers(len(joints))]
    kind, parent = generator.random(), element.getparent()
    if kind < 0.1:
        parent.remove(element)
    elif kind < 0.2:
        parent.append(etree.fromstring(etree.tostring(element)))
    elif kind < 0.3:
        element.tag = ("joint", "link", "robot", "limit", "{http://www.ros.org/wiki/xacro}macro", "a")[
            generator.integers(6)
        ]
    elif kind < 0.35:
        for _ in range(int(generator.choice([3, 200, 3000]))):
            element = etree.SubElement(element, ("joint", "link", "origin", "a")[generator.integers(4)])
    elif kind < 0.4:
        mimic = etree.SubElement(element, "mimic")
        mimic.set("joint", ("", "a", "shoulder_pan_joint")[generator.integers(3)])
    elif element.attrib:
        names = sorted(element.attrib)
        name = names[generator.integers(len(names))]
        words = [text for other in elements for text in other.attrib.values()]
        texts = NUMBERS if generator.random() < 0.7 else words
        element.set(name, texts[generator.integers(len(texts))])
    else:
        element.set("a", "x" * 200_000)
    return etree.tostring(document)


EVERY: tuple[Damage, ...] = (
    _flip, _cut, _drop, _insert, _insert, _value, _value, _value, _lines, _separators, _encoding,
)  # fmt: skip
"""Damage to any file."""
BY_SUFFIX: dict[str, tuple[Damage, ...]] = {
    ".json": (_json,), ".npy": (_npy,), ".parquet": (_parquet,), ".safetensors": (_tensors,),
    ".urdf": (_xml,), ".xacro": (_xml,), ".xml": (_xml,),
}  # fmt: skip
"""Damage that knows the format: the file is still one of its kind, with other content."""
