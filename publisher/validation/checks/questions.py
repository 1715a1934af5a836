"""Questions: the headers of the competency questions, and the things that their parameters name."""

from collections.abc import Iterator

from publisher.dataset.query_files import read_question
from publisher.diagnostic import Diagnostic
from publisher.errors import CannotRunError
from publisher.validation.context import Context


def check(context: Context) -> Iterator[Diagnostic]:
    """Report nothing. Raises CannotRunError where the header of a question is wrong, where two have the same title, or
    where a parameter's default is not a thing of its kind."""
    repository = context.repository
    titles: dict[str, str] = {}
    for path, text in repository.questions if repository else ():
        question = read_question(path, text)
        other = titles.setdefault(question.slug, path)
        if other != path:
            raise CannotRunError(f"{path}: its title is that of {other}; a title names one question.")
        for parameter in question.parameters:
            kind = f"/id/{parameter.kind}/"
            known = repository is not None and repository.file_of(parameter.default)
            if parameter.default and (kind not in parameter.default or not known):
                raise CannotRunError(f"{path}: <{parameter.default}> is not a {parameter.kind} of this data set.")
    yield from ()
