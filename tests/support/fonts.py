"""The typefaces of pictures that are drawn as pixels; the build fetches them."""

from support.optional_packages import missing

from publisher.pages.cards import FOLDER, FONTS
from publisher.pages.pictures.typeface import Typeface, read_typeface


def read_faces() -> tuple[Typeface, Typeface]:
    """Regular and bold."""
    files = [FOLDER / name for name in FONTS]
    if not all(file.is_file() for file in files):
        missing("the font is not there: it was built without the npm registry")
    regular, bold = map(read_typeface, files)
    return regular, bold
