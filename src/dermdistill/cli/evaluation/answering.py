"""The models and the prepared data among the paths of a command, and what the former answer about these."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dermdistill.cli.terminal import Advance

if TYPE_CHECKING:
    from dermdistill.evaluate.external.answers import Answers
    from dermdistill.evaluate.external.rows import External


def sort_paths(paths: Sequence[Path], data: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The models and the prepared sources among the paths of a command.

    `--data A B C` leaves B and C among the models, for an option takes one word. What holds prepared images
    is data.
    """
    from dermdistill.data.prepared import INDEX, REPORT

    prepared = [path for path in paths if (path / REPORT).is_file() and (path / INDEX).is_file()]
    return [path for path in paths if path not in prepared], [*data, *prepared]


def answers_of(
    model: Path,
    externals: "Sequence[External]",
    *,
    classes: str | None = None,
    tta: bool = False,
    image_size: int | None = None,
    keep_in: Path | None = None,
) -> "list[Answers]":
    """What a bundle, a run or a table of probabilities answers about each source.

    Raises:
        DataError: the path is none of these, or does not go with the sources or options.
    """
    from dermdistill.bundle import SPEC_FILE
    from dermdistill.errors import DataError
    from dermdistill.runs import CONFIG

    if model.is_file():
        return _of_table(model, externals, classes)
    if (model / SPEC_FILE).is_file():
        if tta or image_size:
            raise DataError(
                f"--tta and --image-size are for runs; the bundle {model} sees what it was made for."
            )
        return _of_bundle(model, externals, keep_in)
    if (model / CONFIG).is_file():
        return _of_run(model, externals, tta=tta, image_size=image_size)
    raise DataError(f"{model} is not a bundle, a run or a table of probabilities; check the path.")


def _of_table(path: Path, externals: "Sequence[External]", classes: str | None) -> "list[Answers]":
    from dermdistill.classes import load_classes
    from dermdistill.evaluate.external.given import answer_with_given, read_given

    given = read_given(path, None if classes is None else load_classes(classes))
    return [answer_with_given(path.stem, given, external) for external in externals]


def _of_bundle(path: Path, externals: "Sequence[External]", keep_in: Path | None) -> "list[Answers]":
    from dermdistill.cli.terminal import bars, hushed
    from dermdistill.evaluate.external.bundle import answer_with_bundle
    from dermdistill.inference import load_bundle

    with hushed():
        engine = load_bundle(path)
    answers = []
    with bars("images/s") as show:
        for external in externals:
            advance = counter(show, f"Answering {external.name}", len(external))
            answers.append(answer_with_bundle(engine, external, keep_in=keep_in, advance=advance))
    return answers


def _of_run(
    path: Path, externals: "Sequence[External]", *, tta: bool, image_size: int | None
) -> "list[Answers]":
    from dermdistill.cli.terminal import bars
    from dermdistill.evaluate.external.run import answer_with_run
    from dermdistill.evaluate.run_model import logits_of_run
    from dermdistill.runs import read_run

    run = read_run(path)
    logits_of = logits_of_run(run, image_size or run.image_size or externals[0].images.shape[1])
    answers = []
    with bars("images/s") as show:
        for external in externals:
            advance = counter(show, f"Scoring {external.name}", len(external))
            answers.append(answer_with_run(run, logits_of, external, tta=tta, advance=advance))
    return answers


def counter(show: Advance, what: str, total: int | None) -> Callable[[int], None]:
    """Add up images for a bar of that name."""
    done = 0

    def advance(images: int) -> None:
        nonlocal done
        done += images
        show(what, done, total)

    return advance
