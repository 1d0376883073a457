"""Constants of the main rule that are not log-odds (model §1, §2, §5, §9).

Declared like the cells of the decision table and overridden in the same place of a
scenario (``rule.cells``).
"""

from __future__ import annotations

from viralbots.rules.decision_table import CELLS, Cell

_DELAY = "e-mail replies: half within 47 min, mode 2 min (16 G mails)"
_GUESS = "no measurement found"

CONSTANTS: dict[str, Cell] = {
    cell.name: cell
    for cell in (
        Cell("fatigue.base", 0.3, 0.0, 1.0, "resistance", "assumed",
             "Everyday load of messages.", _GUESS),
        Cell("fatigue.step", 0.1, 0.0, 0.3, "resistance", "assumed",
             "What one more delivery adds; half is gone after a day.", _GUESS),
        Cell("fatigue.max", 3.0, 1.0, 6.0, "resistance", "assumed",
             "Nobody gets more tired than this.", _GUESS),
        Cell("fan_out.mean", 1.96, 0.0, 20.0, "network", "measured",
             "Recipients beyond the first, times the sender's sociability.",
             "2.96 recipients a forwarder (Iribarren & Moro 2009)"),
        Cell("fan_out.dispersion", 0.6, 0.1, 10.0, "network", "assumed",
             "How unequal fan-outs are (negative binomial).", "large heterogeneity reported"),
        Cell("quota.obeyed", 0.7, 0.0, 1.0, "incentive", "assumed",
             "Share of forwarders who send as many as the message demands.", _GUESS),
        Cell("group.prob", 0.2, 0.0, 1.0, "network", "assumed",
             "How often a message on im also goes to a group chat.", _GUESS),
        Cell("visibility.forum", 0.20, 0.0, 1.0, "network", "assumed",
             "Share of followers who see a forum post.", "tuned on ordinary posts (model §9)"),
        Cell("visibility.blog", 0.13, 0.0, 1.0, "network", "assumed",
             "Share of followers who see a blog post.", "tuned on ordinary posts (model §9)"),
        Cell("visibility.video", 0.20, 0.0, 1.0, "network", "assumed",
             "Share of followers who see a video.", "tuned on ordinary posts (model §9)"),
        Cell("wait.im", 47.0, 1.0, 1440.0, "ease", "measured",
             "Median minutes until a recipient sees it (im).", _DELAY),
        Cell("wait.email", 47.0, 1.0, 1440.0, "ease", "measured",
             "Median minutes until a recipient sees it (email).", _DELAY),
        Cell("wait.marketing", 256.0, 1.0, 1440.0, "ease", "measured",
             "Median minutes until marketing mail is dealt with.", "Iribarren & Moro 2009"),
        Cell("wait.sms", 10.0, 1.0, 1440.0, "ease", "assumed",
             "Median minutes until a recipient sees it (sms).", _GUESS),
        Cell("wait.forum", 240.0, 1.0, 10080.0, "ease", "assumed",
             "Median minutes until a follower sees a forum post.", _GUESS),
        Cell("wait.blog", 1440.0, 1.0, 10080.0, "ease", "assumed",
             "Median minutes until a follower sees a blog post.", _GUESS),
        Cell("wait.video", 240.0, 1.0, 10080.0, "ease", "assumed",
             "Median minutes until a follower sees a video.", _GUESS),
        Cell("wait.sigma", 1.78, 0.71, 3.0, "ease", "measured",
             "Log-sd of the waits (with the spread of activity, .7, inside).", _DELAY),
        Cell("wait.sigma_marketing", 2.13, 0.71, 3.0, "ease", "measured",
             "Log-sd of the waits of marketing mail.", "Iribarren & Moro 2009"),
        Cell("recall.half", 0.2, 0.0, 1.0, "incentive", "assumed",
             "Ad intensity at which half of the readers remember the brand.", _GUESS),
        Cell("reaction.opt_out", 0.65, 0.0, 1.0, "resistance", "assumed",
             "Share of those who turn against it that opt out (the rest complain).", _GUESS),
        Cell("reaction.opt_out_aware", 0.40, 0.0, 1.0, "resistance", "assumed",
             "The same, of those who have seen through it.", _GUESS),
        Cell("reaction.complain_aware", 0.50, 0.0, 1.0, "resistance", "assumed",
             "Share of complaints of those who have seen through it; the rest start a "
             "counter-message.", _GUESS),
        Cell("reaction.filter", 0.10, 0.0, 1.0, "resistance", "assumed",
             "Share of opt-outs that filter all brands.", _GUESS),
        Cell("trust.counter_loss", 0.25, 0.0, 1.0, "resistance", "assumed",
             "Trust that reading a counter-message costs.", _GUESS),
        Cell("trust.spill", 0.0, 0.0, 1.0, "resistance", "assumed",
             "Part of that loss which falls on other brands of the trade.", _GUESS),
        Cell("trust.refused_loss", 0.25, 0.0, 1.0, "resistance", "assumed",
             "Trust that being refused by a full landing costs.", _GUESS),
        Cell("landing.retry", 0.5, 0.0, 1.0, "ease", "assumed",
             "How often a refused user asks again after a day.", _GUESS),
    )
}  # fmt: skip

DECLARED: dict[str, Cell] = {**CELLS, **CONSTANTS}
DEFAULTS: dict[str, float] = {name: cell.default for name, cell in DECLARED.items()}

_ALLOWED: tuple[tuple[str, float, float], ...] = (
    ("fatigue.", 0, 100), ("fan_out.mean", 0, 1000), ("fan_out.dispersion", 0.01, 1000),
    ("wait.sigma", 0, 5), ("wait.", 0.1, 1e6), ("quota.", 0, 1), ("group.", 0, 1),
    ("visibility.", 0, 1), ("recall.", 0, 1), ("reaction.", 0, 1), ("trust.", 0, 1),
    ("landing.", 0, 1),
)  # fmt: skip


def allowed(name: str) -> tuple[float, float]:
    """Bounds of a cell or constant that a scenario may not leave (wider than its range).

    >>> allowed("forward.const"), allowed("group.prob")
    ((-50, 50), (0, 1))
    """
    for prefix, low, high in _ALLOWED:
        if name.startswith(prefix):
            return low, high
    return -50, 50
