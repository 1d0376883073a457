"""What a scenario claims of itself, in a form that can be checked on replicates.

A `Claim` is a sentence in both languages and a list of comparisons, all of which must hold;
without one it is told, but *not checked*. A `Check` compares a number of one *arm* with the
same number of another arm, or with a value. An `Arm` is this scenario with some fields
changed, or another scenario of the library; arms of equal run seed share their luck, so the
comparison is paired wherever both arms come from runs. Which words mean what::

    is: more           A > factor × B + by      the interval of A − (factor × B + by) lies above 0
    is: less           A < factor × B − by      … of A − (factor × B − by) below 0
    is: at_least       A ≥ factor × B − by      as `more`; the runs may also be equal throughout
    is: at_most        A ≤ factor × B + by      as `less`; likewise
    is: nearly_equal   |A − factor × B| < by    the whole interval lies inside ± by

The names of metrics are those of `viralbots.metrics` and are checked by whoever evaluates,
as this part of the house does not know them. How the hardest claims of the library are
written (each as one entry of ``check``):

*Reach with the threat ≫ without*: the lower bound of the ratio is at least 5::

    {metric: reach, is: more, factor: 5, against: {changes: {messages.letter.threat: 0}}}

*Shapes at equal size are nearly equal, |Δν| < .25*: trees of the same size, pooled over runs::

    {metric: structural_virality, trees: [20, 100], is: nearly_equal, by: 0.25,
     against: {scenario: calm_truth}}

*A limit of one chat kills it: fewer than 2 adopters a seed*::

    {metric: mean_cascade_size, is: less, value: 2,
     arm: {changes: {interventions: [{kind: forward_limit, limit: 1}]}}}

*A slow start: t50 − t10 > t90 − t50*, a difference of two metrics of the same run, against
another one of that run::

    {metric: t50 - t10, is: more, against: {metric: t90 - t50}}

*An offer opened at t10, t50, t90 sells less the later*, an order of three arms, as two entries::

    {metric: converts, is: more, arm: {changes: {…: 0.1}}, against: {changes: {…: 0.5}}}
    {metric: converts, is: more, arm: {changes: {…: 0.5}}, against: {changes: {…: 0.9}}}

*Two effects differ by less than half of either*: both are differences from the same arm,
``baseline``, and each is less than 1.5 times the other (two entries, arms exchanged)::

    {metric: reach, is: less, factor: 1.5, baseline: {}, arm: {changes: {…: 0.2}},
     against: {changes: {…: 0.3}}}

*Complaints of all runs together* (``pooled``: sum by sum), *the exposure is above the film in
nine of ten runs* (``share_of_runs``), *deep where it takes off* (``given``)::

    {metric: complaints / delivered, of: pooled, is: more, against: {scenario: open}}
    {metric: "reach:exposure", of: share_of_runs, share: 0.9, is: more, against: {metric: reach}}
    {metric: depth, given: take_off, is: more, value: 10}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from viralbots.errors import Problem
from viralbots.scenario.file import shown
from viralbots.scenario.text import ScenarioName, Text
from viralbots.world.message import Share, Strict, measured_in, refusal

_METRIC = r"[a-z][a-z0-9_]{0,39}(?::[A-Za-z0-9][A-Za-z0-9_-]{0,63})?"
_QUANTITY = re.compile(rf"({_METRIC})(?: ([-/]) ({_METRIC}))?")


def parts_of(quantity: str) -> tuple[str, str, str]:
    """First metric, ``-`` or ``/`` (empty for one metric alone), second metric.

    >>> parts_of("t50 - t10"), parts_of("reach:counter")
    (('t50', '-', 't10'), ('reach:counter', '', ''))
    """
    found = _QUANTITY.fullmatch(quantity)
    if found is None:
        text = (
            "must be a metric like reach or reach:counter, or two of them with ' - ' or ' / ' "
            f"between, got {shown(quantity)}"
        )
        raise refusal("", [Problem("", "not_a_quantity", text, {"got": shown(quantity)})])
    return found[1], found[2] or "", found[3] or ""


def _quantity(text: str) -> str:
    parts_of(text)
    return text


Quantity = Annotated[str, AfterValidator(_quantity)]


class Arm(Strict):
    """One side of a comparison; empty, it is the scenario as the file says it."""

    scenario: ScenarioName | None = Field(
        None, description="Another scenario of the library instead of this one."
    )
    changes: dict[str, Any] = Field(
        default_factory=dict, description="Fields set to other values: path → value."
    )
    metric: Quantity | None = Field(None, description="Another number on this side.")


class Check(Strict):
    """One comparison; the module's text tells what the words mean."""

    model_config = ConfigDict(serialize_by_alias=True)

    metric: Quantity = Field(
        description="The number: a metric (of a message: metric:message), or 'A - B', 'A / B'."
    )
    of: Literal["mean", "median", "pooled", "share_of_runs"] = Field(
        "mean",
        description="Mean or median over runs; pooled: sums of all runs (for 'A / B', or for "
        "trees); share_of_runs: in how many runs it holds.",
    )
    share: Share | None = Field(
        None, description="With share_of_runs: it holds in more than this share of the runs."
    )
    given: Quantity | None = Field(
        None, description="Only runs in which this yes-or-no metric is 1, e.g. take_off."
    )
    trees: Annotated[list[Annotated[int, measured_in("users", ge=1)]], Field(
        min_length=2, max_length=2)] | None = Field(
        None, description="Only cascades with at least and at most so many adopters."
    )  # fmt: skip
    relation: Literal["more", "less", "at_least", "at_most", "nearly_equal"] = Field(
        alias="is", description="How the arm compares."
    )
    factor: Annotated[float, measured_in("factor", ge=-1e6, le=1e6)] = Field(
        1.0, description="The other side is multiplied by this: factor 5 is five times as much."
    )
    by: Annotated[float, measured_in("quantity", ge=0, le=1e9)] = Field(
        0.0, description="By at least this much; of nearly_equal: by less than this."
    )
    arm: Arm = Field(default_factory=Arm, description="What is compared.")
    against: Arm | None = Field(None, description="What it is compared with.")
    value: Annotated[float, measured_in("quantity", allow_inf_nan=False)] | None = Field(
        None, description="A number to compare with instead of another arm."
    )
    baseline: Arm | None = Field(
        None, description="Taken off both sides first, so that two effects are compared."
    )

    @model_validator(mode="after")
    def _fits(self) -> Check:
        problems = list(self._faults())
        if problems:
            raise refusal("", problems)
        return self

    def _faults(self) -> Iterator[Problem]:
        if self.against is not None and self.value is not None:
            text = "give either against or value, not both"
            yield Problem("", "both_given", text, {"first": "against", "second": "value"})
        if self.against is None and self.value is None:
            text = "what is it compared with? give against or value"
            yield Problem("", "nothing_to_compare", text)
        if (self.of == "share_of_runs") != (self.share is not None):
            text = "belongs to `of: share_of_runs`: give it there and nowhere else"
            yield Problem("share", "share_of_runs", text)
        if self.relation == "nearly_equal" and self.by == 0:
            text = "is missing; nearly_equal needs to know how near"
            yield Problem("by", "how_near", text)
        if self.trees is not None and self.trees[0] > self.trees[1]:
            text = f"must not fall, got {self.trees[0]} and {self.trees[1]}"
            yield Problem("trees", "falling", text, {"got": list(self.trees)})

    def arms(self) -> Iterator[tuple[str, Arm]]:
        """The arms that are given, with the name of the field."""
        for name in ("arm", "against", "baseline"):
            if (arm := getattr(self, name)) is not None:
                yield name, arm


class Claim(Strict):
    """What the scenario is said to show."""

    text: Text = Field(description="The claim as a sentence, in both languages.")
    check: list[Check] = Field(
        default_factory=list, max_length=8,
        description="Comparisons, all of which must hold; none: it is told, but not checked.",
    )  # fmt: skip
