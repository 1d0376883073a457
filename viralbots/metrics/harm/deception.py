"""H1 who was deceived, and for how long; H14 who learned the truth."""

from __future__ import annotations

from viralbots.metrics.base import Metric, ratio
from viralbots.trace import Trace
from viralbots.world.world import World


def deceived(world: World, trace: Trace, message: int = 0) -> float:
    """H1: people who read a false or covert message without noticing, corrected later or not.

    D = #{i : read_i, K_i = 0}.
    """
    return float(trace.total("deceived", message))


def deceived_person_hours(world: World, trace: Trace, message: int = 0) -> float:
    """H1: hours from being deceived to being corrected or to the end, over all deceived people.

    Σ_i min(t_corrected, t_end) − t_read.
    """
    return trace.total("deceived_minutes", message) / 60.0


def correction_coverage(world: World, trace: Trace, message: int = 0) -> float:
    """H14: share of the deceived who learned the truth before the end; nan without any.

    #{deceived who later saw through it or read the correction} / D.
    """
    return ratio(trace.total("corrected", message), trace.total("deceived", message))


DECEPTION = (
    Metric(
        "deceived", "H1", deceived, "users", "bad",
        {"en": "Deceived", "zh": "受骗人数"},
        {"en": "People who read something false or covert without noticing.",
         "zh": "读了虚假或隐蔽内容却没有察觉的用户数。"},
        "harm", source="Vosoughi et al. 2018"),
    Metric(
        "deceived_person_hours", "H1", deceived_person_hours, "person-hours", "bad",
        {"en": "Hours deceived", "zh": "受骗时长"},
        {"en": "Hours from being deceived to being corrected or to the end, over all people.",
         "zh": "从受骗到得知真相（或到模拟结束）的总时长。"},
        "harm", source="Vosoughi et al. 2018"),
    Metric(
        "correction_coverage", "H14", correction_coverage, "share", "good",
        {"en": "Learned the truth", "zh": "得知真相的比例"},
        {"en": "Share of the deceived who were put right before the end. Undefined where nobody "
               "was deceived.",
         "zh": "受骗者中后来得知真相的比例。无人受骗时无定义。"},
        "harm", source="Friggeri et al. 2014"),
)  # fmt: skip
