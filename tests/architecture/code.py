"""The code of the package as the architecture tests read it: sources, syntax trees, imports."""

import ast
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "publisher"

FILES = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in sorted(PACKAGE.rglob("*.py"))}
MODULES = [name for name in FILES if not name.endswith("__init__")]
"""Every module by its dotted name below `publisher`."""

SOURCES = {name: FILES[name].read_text(encoding="utf-8") for name in MODULES}


class Trees(Mapping[str, ast.Module]):
    """Syntax trees by name, parsed when they are first used: each test process imports this module."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._found: dict[str, ast.Module] = {}

    def __getitem__(self, name: str) -> ast.Module:
        if name not in self._found:
            self._found[name] = ast.parse(self._sources[name])
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


TREES = Trees(SOURCES)
PACKAGES = Trees(
    {
        name.removesuffix(".__init__"): path.read_text(encoding="utf-8")
        for name, path in FILES.items()
        if name.endswith(".__init__")
    }
)
"""Every sub-package: the syntax tree of its `__init__`."""


def package_of(name: str) -> str:
    """The sub-package of a module, or the module itself where it is in none."""
    return name.partition(".")[0]


@functools.cache
def nodes(tree: ast.AST) -> list[ast.AST]:
    """All nodes of a tree: most tests look at them."""
    return list(ast.walk(tree))


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules of the package that a tree imports, inside functions too."""
    for node in nodes(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "publisher":
            below = (node.module or "").partition(".")[2]
            if below in SOURCES:
                yield below
            else:
                names = (f"{below}.{alias.name}".lstrip(".") for alias in node.names)
                yield from (name for name in names if name in SOURCES)
        elif isinstance(node, ast.Import):
            names = (alias.name.removeprefix("publisher.") for alias in node.names)
            yield from (name for name in names if name in SOURCES)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a tree."""
    return (node for node in nodes(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def strings(tree: ast.AST) -> Iterator[str]:
    """The string constants of a tree, docstrings excepted."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    doc = {id(n.body[0].value) for n in nodes(tree) if isinstance(n, documented) and isinstance(n.body[0], ast.Expr)}
    for node in nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in doc:
            yield node.value


@functools.cache
def code_of(name: str) -> str:
    """The code of a module without its docstrings and bare strings."""
    copy = ast.parse(SOURCES[name])
    for node in ast.walk(copy):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [
                n for n in node.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
            ] or [ast.Pass()]
    return ast.unparse(copy)
