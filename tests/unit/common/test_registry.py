"""Registries: entries of isogloss and of installed packages, and the errors for packages that cannot be used."""

import subprocess
import sys
from dataclasses import dataclass, fields

import pytest

from isogloss.common.errors import UserError
from isogloss.common.registry import Registry, load_module, load_part, name_part
from isogloss.corpora import CORPORA
from isogloss.families import FAMILIES
from isogloss.features import FEATURES
from isogloss.tasks import TASKS


@dataclass(frozen=True)
class Colour:
    """A toy entry."""

    hue: str
    paint: str = name_part()
    mix: str = name_part("")


RED = Colour("red", "isogloss.common.files:write_json")


@pytest.fixture
def colours() -> Registry[Colour]:
    return Registry("colour", "isogloss.colours", Colour, {"red": RED})


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that puts a package on the path: the code of its module and its entry points for colours."""

    def put(name: str, code: str, **points: str) -> None:
        folder = tmp_path / name
        information = folder / f"{name}-1.0.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = [f"{point} = {reference}" for point, reference in points.items()]
        (information / "entry_points.txt").write_text("\n".join(["[isogloss.colours]", *lines]) + "\n")
        (folder / f"{name}.py").write_text(f"from {__name__} import Colour\n{code}\n")
        monkeypatch.syspath_prepend(folder)

    monkeypatch.setitem(sys.modules, __name__, sys.modules[Colour.__module__])
    yield put
    for name in [name for name in sys.modules if name.startswith("paints_")]:
        del sys.modules[name]


def test_our_own_entries_are_found_as_in_a_dict(colours):
    assert colours.find("red") is colours["red"] is RED
    assert "red" in colours and "blue" not in colours
    assert (list(colours), len(colours), colours.list_names()) == (["red"], 1, ["red"])
    assert colours.find_package("red") == "isogloss"
    with pytest.raises(UserError, match=r"^unknown colour 'blue'; choose from red$"):
        colours["blue"]


def test_an_entry_of_a_package_is_imported_when_it_is_asked_for(colours, install):
    install("paints_a", "BLUE = Colour('blue', 'paints_a:missing')", blue="paints_a:BLUE", sky="paints_a:BLUE")
    assert "blue" in colours and list(colours) == ["red"]
    assert colours.list_names() == ["red", "blue", "sky"]
    assert colours.find_package("blue") == "paints_a"
    assert "paints_a" not in sys.modules
    assert colours.find("blue").hue == "blue"
    assert colours.find("blue") is colours.find("sky")
    with pytest.raises(
        UserError,
        match=r"^paints_a:missing \(package paints_a\) does not exist; correct the reference$",
    ):
        load_part(colours["blue"].paint)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "raise RuntimeError('no\\nluck')",
            r"cannot be imported \(RuntimeError: no\); correct or reinstall the package",
        ),
        ("import nothing_such", r"cannot be imported \(ModuleNotFoundError: No module named 'nothing_such'\)"),
        ("BLEU = 1", r"cannot be imported \(AttributeError: module 'paints_b' has no attribute 'BLUE'\)"),
        (
            "BLUE = Colour('blue')",
            r"cannot be imported \(TypeError: .*missing .* argument: 'paint'\)",
        ),
        ("BLUE = 'blue'", r"is a str, not a \S*test_registry.Colour; correct the package$"),
        ("BLUE = Colour('blue', '')", "has no paint; correct the package$"),
        ("BLUE = Colour(None, 'a:b')", "has no hue; correct the package$"),
        ("BLUE = Colour('blue', 'a.b')", "paint is 'a.b', not of the form module:function; correct the package$"),
        ("BLUE = Colour('blue', 'a:b', mix=len)", "mix is .*len.*, not of the form module:function; correct"),
    ],
)
def test_a_package_at_fault_is_named_in_one_line(colours, install, code, message):
    install("paints_b", code, blue="paints_b:BLUE")
    assert colours["red"] is RED
    assert colours.list_names() == ["red", "blue"]
    with pytest.raises(UserError, match=rf"^package paints_b: colour 'blue' \(paints_b:BLUE\):? {message}") as told:
        colours.find("blue")
    assert "\n" not in str(told.value)


def test_a_name_that_is_taken_is_refused(colours, install):
    entry = "BLUE = Colour('blue', 'a:b')"
    install("paints_c", entry, red="paints_c:BLUE", blue="paints_c:BLUE")
    assert colours["red"] is RED
    with pytest.raises(
        UserError, match=r"^package paints_c: its colour 'red' has the same name as a colour of isogloss; rename"
    ):
        colours.refuse_taken("red")
    colours.refuse_taken("blue")
    install("paints_d", entry, blue="paints_d:BLUE")
    for ask_it in (colours.refuse_taken, colours.find):
        with pytest.raises(UserError, match=r"^packages paints_[cd] and paints_[cd]: each defines a colour 'blue'; un"):
            ask_it("blue")


def test_a_package_that_cannot_be_read_offers_nothing(colours, install, tmp_path):
    install("paints_e", "", blue="paints_e:BLUE")
    (tmp_path / "paints_e" / "paints_e-1.0.dist-info" / "entry_points.txt").write_bytes(
        b"[isogloss.colours]\n\xff = \n"
    )
    assert colours.list_names() == ["red"]


def test_a_part_is_loaded_by_its_name():
    from isogloss.common.files import write_json

    assert load_part(RED.paint) is write_json
    assert load_module("isogloss.common.files", ["write_json", "read_json"]).write_json is write_json
    with pytest.raises(UserError, match=r"^isogloss.common.files:draw does not exist; correct the reference$"):
        load_part("isogloss.common.files:draw")
    with pytest.raises(UserError, match=r"^isogloss.paint cannot be imported \(ModuleNotFoundError: .*; correct or"):
        load_part("isogloss.paint:draw")


def test_our_entries_import_nothing_heavy():
    program = (
        "import sys, isogloss.families, isogloss.tasks, isogloss.corpora, isogloss.features;"
        "heavy = {'torch', 'transformers', 'numpy', 'pandas', 'pyarrow', 'seqeval', 'lang2vec', 'yaml'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


@pytest.mark.parametrize("registry", [CORPORA, FAMILIES, FEATURES, TASKS], ids=lambda registry: registry.what)
def test_the_parts_that_our_entries_name_exist(registry):
    for name in registry:
        entry = registry[name]
        assert isinstance(entry, registry.entry)
        assert entry.version >= 1
        for field in fields(entry):
            reference = getattr(entry, field.name)
            if field.metadata.get("form") == "module:function" and reference:
                assert callable(load_part(reference))
            elif field.metadata.get("form") == "module":
                load_module(reference, ["load", "fit", "predict", "save"])
