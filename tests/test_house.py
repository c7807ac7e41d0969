"""The rules of the house that no other tool checks."""

import ast
import codecs
import itertools
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE_ROOTS = [ROOT / name for name in ("translate", "codecs", "transports")]
CODECS = sorted((ROOT / "codecs").glob("metaphrase_*"))
MOST_LINES = 400
PURE = {"__future__", "collections", "typing", "msgspec"}
WIRE_BASES = {  # the two Structs that wire types have as their base, and a default
    f"metaphrase.wirejson.{name}" for name in ("Wire", "Only", "ABSENT")
}


def python_files(*folders: Path) -> list[Path]:
    return sorted(file for folder in folders for file in folder.rglob("*.py") if "__pycache__" not in file.parts)


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """What a file imports, as (level, dotted name): level 0 is absolute, 1 the same folder."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" if node.module else alias.name for alias in node.names]
            yield from ((node.level, name) for name in names)


def functions(file: Path) -> Iterator[tuple[str, int]]:
    """Each function with its length, without its docstring."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            has_doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            doc = (first.end_lineno or 0) - first.lineno + 1 if has_doc else 0
            yield f"{file.name}:{node.name}", (node.end_lineno or 0) - node.lineno + 1 - doc


@pytest.mark.parametrize("root", SOURCE_ROOTS, ids=lambda root: root.name)
def test_a_source_root_holds_packages_and_no_modules(root: Path) -> None:
    assert not list(root.glob("*.py"))


def test_the_standard_library_keeps_its_codecs_module() -> None:
    assert Path(codecs.__file__ or "").parent == Path(sysconfig.get_path("stdlib"))
    assert not [folder for folder in (ROOT / "tests").rglob("codecs") if folder.is_dir()]


def test_every_package_is_typed_and_in_the_wheel() -> None:
    packages = sorted(
        file.parent.relative_to(ROOT).as_posix() for root in SOURCE_ROOTS for file in root.glob("*/__init__.py")
    )
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert sorted(config["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == packages
    assert [package for package in packages if not (ROOT / package / "py.typed").is_file()] == []


def test_no_file_is_too_long() -> None:
    files = python_files(*SOURCE_ROOTS, ROOT / "tests", ROOT / "benchmarks", ROOT / "support", ROOT / "examples")
    lengths = {file.relative_to(ROOT).as_posix(): len(file.read_text("utf-8").splitlines()) for file in files}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_functions_are_short() -> None:
    lengths = dict(itertools.chain.from_iterable(functions(file) for file in python_files(*SOURCE_ROOTS)))
    long = {name: length for name, length in lengths.items() if length >= 40}
    assert len(long) <= len(lengths) / 20, long
    assert {name: length for name, length in long.items() if length > 80} == {}


def test_the_ir_imports_nothing_of_ours() -> None:
    files = python_files(ROOT / "translate/metaphrase/ir")
    assert files
    ours = [
        (file.name, name)
        for file in files
        for level, name in imports(file)
        if level > 1 or name.startswith("metaphrase")
    ]
    assert ours == []


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_wire_types_import_only_msgspec(codec: Path) -> None:
    files = [*codec.glob("wire.py"), *codec.glob("wire_*.py"), *codec.glob("wire/*.py")]
    assert files
    for file in files:
        for level, name in imports(file):
            near = level == 1 and (file.parent.name == "wire" or name.startswith("wire"))
            assert near or name in WIRE_BASES or name.partition(".")[0] in PURE, f"{file.name} imports {name}"


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
@pytest.mark.parametrize(("one", "two"), [("read", "write"), ("write", "read"), ("wire", "read"), ("wire", "write")])
def test_readers_and_writers_do_not_import_each_other(codec: Path, one: str, two: str) -> None:
    files = [*codec.glob(f"{one}.py"), *codec.glob(f"{one}_*.py"), *codec.glob(f"{one}/*.py")]
    assert files
    forbidden = {two, *(file.stem for file in codec.glob(f"{two}_*.py"))}
    for file in files:
        steps = {step for _, name in imports(file) for step in name.split(".")}
        assert steps.isdisjoint(forbidden), file.name
