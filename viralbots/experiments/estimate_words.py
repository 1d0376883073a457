"""An estimate in words: "about 12 s and 1.3 GB of memory"."""

from __future__ import annotations

from typing import Literal, Protocol

from viralbots.world.memory import bytes_in_words

Lang = Literal["en", "zh"]
_UNITS = (("s", "秒", 1.0, 90.0), ("min", "分钟", 60.0, 90.0), ("h", "小时", 3600.0, 48.0),
          ("days", "天", 86400.0, float("inf")))  # fmt: skip


class Expected(Protocol):
    """What is put into words (`viralbots.experiments.estimate.Estimate`)."""

    @property
    def seconds(self) -> float:
        """Time."""

    @property
    def bytes_peak(self) -> int:
        """Memory."""


def words(estimate: Expected, lang: Lang = "en") -> str:
    """Time and memory of an estimate, coarse on purpose.

    >>> from types import SimpleNamespace
    >>> words(SimpleNamespace(seconds=12.3, bytes_peak=1_310_000_000))
    'about 12 s and 1.3 GB of memory'
    >>> words(SimpleNamespace(seconds=0.2, bytes_peak=201_000_000), "zh")
    '不到1秒，约需201 MB内存'
    """
    time, memory = seconds_in_words(estimate.seconds, lang), bytes_in_words(estimate.bytes_peak)
    if estimate.seconds < 1:
        return f"{time}，约需{memory}内存" if lang == "zh" else f"{time}, about {memory} of memory"
    return f"约{time}，{memory}内存" if lang == "zh" else f"about {time} and {memory} of memory"


def seconds_in_words(seconds: float, lang: Lang = "en") -> str:
    """A time to wait, in one or two digits.

    >>> [seconds_in_words(s) for s in (0.3, 1.6, 12.3, 200, 30_000, 400_000)]
    ['less than a second', '2 s', '12 s', '3 min', '8 h', '5 days']
    """
    if seconds < 1:
        return "不到1秒" if lang == "zh" else "less than a second"
    english, chinese, size, _ = next(u for u in _UNITS if seconds < u[2] * u[3])
    amount = round(seconds / size)
    return f"{amount}{chinese}" if lang == "zh" else f"{amount} {english}"
