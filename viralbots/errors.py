"""The exceptions that ViralBots raises on purpose, named after situations.

Every message names the field, the value given, what is allowed and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class ViralbotsError(Exception):
    """Base of all errors that a user can cause and mend.

    Parameters
    ----------
    text : str
        The English sentence: what is wrong, what was given, what is allowed, what to do.
    code : str
        Stable identifier, the key of the translated sentence (`viralbots.problem_words`).
    **values : object
        The values inside the sentence, for translations.
    """

    def __init__(self, text: str = "", code: str = "", **values: object) -> None:
        super().__init__(text)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input, as a code with values.

    Attributes
    ----------
    path : str
        Where it is, as written in the file (``message.ad_intensity``, ``line 12``).
    code : str
        Stable identifier, the key of the translated text (``out_of_range``).
    text : str
        The English sentence: what is wrong, what was given, what is allowed.
    values : dict
        The values inside the sentence, for translations.
    """

    path: str
    code: str
    text: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


class InputError(ViralbotsError):
    """An input with one or more problems, all of them reported at once."""

    def __init__(self, source: str, problems: list[Problem]):
        self.source = source
        self.problems = problems
        count = f"{len(problems)} problem" + ("s" if len(problems) != 1 else "")
        lines = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"{source}: {count}{lines}")


class ScenarioError(InputError):
    """A scenario that cannot be read or is not valid."""


class NetworkError(InputError):
    """A network file or a network description that cannot be used."""


def unreadable(path: str, error: OSError) -> NetworkError:
    """The error for a network file that cannot be opened."""
    why = error.strerror or error
    text = f"the file cannot be read ({why}); check its name and place"
    return NetworkError(path, [Problem("", "unreadable", text, {"why": str(why)})])


class ExperimentError(ViralbotsError):
    """A run that cannot be started or was stopped."""


class Cancelled(ExperimentError):
    """The caller asked a run to stop."""


class StoreError(ViralbotsError):
    """The database, or something kept in it, cannot be used (`viralbots.store`)."""
