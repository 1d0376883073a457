"""The main rule as one table: a row per decision, a column per term (model §2).

Each coefficient is declared once, in `CELLS`, with its default, the range worth
exploring, the group it belongs to, where it comes from and what it does. The kernel
evaluates the table, a scenario may override any cell, the page *Model* shows it and
`viralbots.experiments.replay` prints it for one user.

Marks: ``measured`` in a published source, ``derived`` or computed and checked for this
project, ``assumed`` (at most the sign is supported).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal["measured", "derived", "assumed"]
Group = Literal["incentive", "ease", "network", "resistance"]
DECISIONS = ("read", "detect", "convert", "fall", "forward", "react")


@dataclass(frozen=True)
class Cell:
    """One declared coefficient of the main rule.

    Attributes
    ----------
    name : str
        ``decision.term``, as a scenario overrides it (``rule.cells``).
    default, low, high : float
        Value used unless overridden, and the range worth exploring.
    group : str
        incentive, ease, network or resistance.
    mark : str
        measured, derived or assumed.
    sentence : str
        How it works, in one sentence.
    source : str
        Where the value comes from.
    """

    name: str
    default: float
    low: float
    high: float
    group: Group
    mark: Mark
    sentence: str
    source: str

    @property
    def decision(self) -> str:
        return self.name.split(".")[0]


_IBM = "calibrated on a tracked e-mail campaign (Iribarren & Moro 2009)"
_MAIL = "mail norms: about .14 % unsubscribe, .1 % complain"
_OPEN = "open rates: brand mail about 25 %, a close friend about 76 %"
_SHARPE = "direction: Sharpe Partners 2005, Goldstein; size assumed"
_SEX = "StackExchange exposure curve: ln(p2/p1)/ln 2 = .90"
_PHISH = "Jagatic et al. 2007: 16 % from a stranger, 72 % from a spoofed friend"
_GUESS = "no measurement found"


def _cell(name: str, default: float, low: float, high: float, *rest: str) -> Cell:
    group, mark, sentence, source = rest
    return Cell(name, default, low, high, group, mark, sentence, source)  # type: ignore[arg-type]


CELLS: dict[str, Cell] = {
    cell.name: cell
    for cell in (
        _cell("read.const", -1.10, -2.0, 0.0, "ease", "derived",
              "How likely a message from nobody in particular is opened.", _OPEN),
        _cell("read.footer", 2.2, 1.0, 3.5, "ease", "assumed",
              "Takes the place of the constant where the text rides on ordinary mail.", _GUESS),
        _cell("read.group", 4.0, 2.0, 6.0, "ease", "assumed",
              "Takes the place of the constant in a group chat, which all its members read.",
              _GUESS),
        _cell("read.tie", 2.5, 1.5, 3.5, "network", "derived",
              "What a friend sends is opened; the closer, the more.", _OPEN),
        _cell("read.fatigue", -0.5, -1.0, 0.0, "resistance", "assumed",
              "Who has received much lately opens less.", _GUESS),
        _cell("read.ad", -1.0, -2.0, 0.0, "resistance", "assumed",
              "Open advertising is skipped, hidden advertising is not.", _SHARPE),
        _cell("read.repeats", -0.5, -1.0, 0.0, "resistance", "assumed",
              "From the third reading on the same thing is opened less.",
              "repeated use weakens credibility (Leskovec et al. 2007); size assumed"),
        _cell("read.novelty", 1.0, 0.0, 2.0, "incentive", "assumed",
              "What has been seen in another dress before is opened less.", _GUESS),
        _cell("detect.const", -3.5, -4.5, -2.5, "resistance", "assumed",
              "How likely a reader sees through a covert or false message.", _GUESS),
        _cell("detect.skill", 1.0, 0.5, 1.5, "resistance", "assumed",
              "Some people see through things; the vulnerable less.", _GUESS),
        _cell("detect.senders", 0.3, 0.0, 0.6, "network", "assumed",
              "The same text from several people looks odd.", _GUESS),
        _cell("detect.disguise", -1.5, -3.0, 0.0, "resistance", "assumed",
              "The better it is hidden, the fewer see it.", _GUESS),
        _cell("detect.tie", -0.5, -1.0, 0.0, "network", "assumed",
              "A friend is not suspected.", _GUESS),
        _cell("detect.ad", 2.0, 1.0, 3.0, "resistance", "assumed",
              "Heavy advertising gives the hidden sender away.", _GUESS),
        _cell("detect.false", 1.0, 0.0, 2.0, "resistance", "assumed",
              "A false claim can be checked.", _GUESS),
        _cell("convert.const", -5.1, -6.0, -4.0, "incentive", "derived",
              "How likely a reader takes the offer up without any reason to.",
              "about 2 % of readers (click-through 2–5 %)"),
        _cell("convert.trial", 1.0, 0.5, 1.5, "incentive", "assumed",
              "A free trial lowers the step.", _GUESS),
        _cell("convert.partial", 0.6, 0.2, 1.2, "incentive", "assumed",
              "A partly free offer lowers the step a little.", _GUESS),
        _cell("convert.full", 1.6, 1.0, 2.4, "incentive", "assumed",
              "A wholly free offer lowers the step a lot.", _GUESS),
        _cell("convert.free_copy", 2.0, 1.2, 3.0, "incentive", "assumed",
              "A free copy of a paid good is hard to refuse.", _GUESS),
        _cell("convert.match", 3.0, 2.0, 4.0, "incentive", "assumed",
              "Value counts for those whom the topic interests (v × m).", _GUESS),
        _cell("convert.reward", 0.6, 0.2, 1.2, "incentive", "assumed",
              "Money for passing on needs taking part.", "direction: Ryu & Feick 2007"),
        _cell("convert.senders", 0.6, 0.2, 1.0, "network", "assumed",
              "The second friend convinces more than the first.", _SEX + "; carried over"),
        _cell("convert.tie", 1.0, 0.5, 1.5, "network", "assumed",
              "A close friend's word counts.", "direction: Bakshy et al. 2012"),
        _cell("convert.ad", -0.5, -1.0, 0.0, "resistance", "assumed",
              "Open advertising is discounted.", _SHARPE),
        _cell("convert.aware", -1.5, -3.0, -0.5, "resistance", "assumed",
              "Who has seen through it does not take it up.", _GUESS),
        _cell("convert.paid", -0.8, -1.5, 0.0, "resistance", "assumed",
              "A visibly paid voice from far away counts less.",
              "direction: Verlegh et al. 2013; size assumed"),
        _cell("convert.distrust", -1.5, -3.0, -0.5, "resistance", "assumed",
              "Lost trust in the brand.", _GUESS),
        _cell("convert.price", -0.6, -1.2, -0.2, "resistance", "assumed",
              "The price, as ln(1 + price/10).", _GUESS),
        _cell("convert.network", 1.0, 0.0, 3.0, "network", "assumed",
              "What one's contacts use is worth more (network effect × their share).", _GUESS),
        _cell("convert.rival", -1.0, -3.0, 0.0, "network", "assumed",
              "Where one's contacts use a rival, changing costs them.", _GUESS),
        _cell("fall.const", -1.66, -2.2, -1.2, "resistance", "measured",
              "How likely a stranger's trap works.", _PHISH),
        _cell("fall.tie", 2.60 / 0.9, 2.0, 3.8, "network", "measured",
              "A trap that comes from a friend works far better.", _PHISH),
        _cell("forward.const", -3.38, -4.6, -2.6, "ease", "derived",
              "How likely a reader passes on something without any reason to.", _IBM),
        _cell("forward.match", 2.0, 1.0, 3.0, "incentive", "assumed",
              "Value counts for those whom the topic interests (v × m).", _GUESS),
        _cell("forward.reward", 0.8, 0.3, 1.5, "incentive", "assumed",
              "Money for passing on, as ln(1 + reward).",
              "direction: Ryu & Feick 2007; size assumed"),
        _cell("forward.ease", 1.0, 0.5, 2.0, "ease", "assumed",
              "Ease of the message less the effort of the channel.",
              "direction: WhatsApp and Twitter friction; size assumed"),
        _cell("forward.arousal", 1.2, 0.6, 1.6, "incentive", "measured",
              "What moves is passed on.", "+34 % per SD of anger (Berger & Milkman 2012)"),
        _cell("forward.tie", 0.8, 0.4, 1.2, "network", "assumed",
              "What a friend sent is passed on rather.", "direction: Bakshy et al. 2012"),
        _cell("forward.senders", 0.8, 0.5, 1.0, "network", "measured",
              "Hearing it from several people counts, as ln n up to 4.", _SEX),
        _cell("forward.ad", -1.5, -2.5, -0.5, "resistance", "assumed",
              "Too much advertising and nobody passes it on.", _SHARPE),
        _cell("forward.aware", -1.2, -2.4, -0.4, "resistance", "assumed",
              "Who has seen through it passes it on less.", _GUESS),
        _cell("forward.threat", 3.5, 1.0, 5.0, "incentive", "assumed",
              "Fear of breaking the chain, in the susceptible (t × η).",
              "sign from chain letters; no measurement found"),
        _cell("forward.fatigue", -0.5, -1.0, 0.0, "resistance", "assumed",
              "Who has received much lately passes on less.", _GUESS),
        _cell("forward.novelty", 1.0, 0.0, 2.0, "incentive", "assumed",
              "The third of its kind bores.", _GUESS),
        _cell("forward.status", 0.8, 0.3, 1.5, "incentive", "assumed",
              "Passing it on raises one's standing.", _GUESS),
        _cell("forward.reputation", -0.8, -1.5, 0.0, "resistance", "assumed",
              "Who cares for her name does not pass on what is paid, threatening or seen through.",
              "direction: Wirtz et al. 2013; size assumed"),
        _cell("forward.public", 0.0, -2.0, 2.0, "network", "assumed",
              "Posting to everybody instead of sending to some.", _GUESS),
        _cell("forward.deceived", 1.0, 0.0, 2.0, "incentive", "assumed",
              "Those who had been taken in pass the exposure on.", _GUESS),
        _cell("forward.network", 1.0, 0.0, 3.0, "network", "assumed",
              "Users bring in the contacts who do not use it yet (network effect × their share).",
              _GUESS),
        _cell("react.const", -6.6, -7.5, -5.5, "resistance", "derived",
              "How likely somebody turns against a harmless message.", _MAIL),
        _cell("react.ad", 1.5, 0.5, 2.5, "resistance", "assumed",
              "Heavy advertising annoys.", _SHARPE),
        _cell("react.aware", 4.0, 2.0, 6.0, "resistance", "assumed",
              "Who has seen through a hidden or false message turns against it.", _GUESS),
        _cell("react.fatigue", 0.7, 0.0, 1.4, "resistance", "assumed",
              "Who has received much lately is annoyed sooner.", _GUESS),
        _cell("react.threat", 1.5, 0.5, 2.5, "resistance", "assumed",
              "A threat that was read is resented.", _GUESS),
        _cell("react.tie", -1.5, -2.5, -0.5, "network", "assumed",
              "One does not complain about a friend.", _GUESS),
        _cell("react.distrust", 1.5, 0.5, 3.0, "resistance", "assumed",
              "Lost trust in the brand.", _GUESS),
        _cell("react.novelty", 0.8, 0.0, 1.6, "resistance", "assumed",
              "The third of its kind annoys (1 − novelty).", _GUESS),
    )
}  # fmt: skip

# Variables of a decision and the units (bits) of their integer values; see docs/exactness.md.
VARIABLES: dict[str, int] = {
    "tie": 16, "fatigue": 20, "repeats": 0, "skill": 20, "senders": 20, "match": 12,
    "aware": 0, "paid_distance": 16, "distrust": 20, "threat": 12, "reputation": 12,
    "reputation_aware": 12, "deceived": 0, "was_read": 0, "using": 16, "not_using": 16,
    "rival_using": 16,
}  # fmt: skip

CHANNEL_EFFORT = {"im": 0.05, "email": 0.15, "sms": 0.10, "forum": 0.25, "blog": 0.5, "video": 0.2}
