"""How something came to somebody, or did not: the half of a sentence after her name."""

from __future__ import annotations

from viralbots.experiments import story_words as words
from viralbots.experiments.decision import DeliveryStory
from viralbots.experiments.story_words import of
from viralbots.experiments.words import Lang
from viralbots.world.world import FEED_CHANNELS


def arrival_of(delivery: DeliveryStory, sender: str, word: str, lang: Lang) -> str:
    """“got “prize” by e-mail from her friend Ann”, and how it came otherwise.

    Parameters
    ----------
    sender, word : str
        As sender and message are called.
    """
    by = _by(delivery, lang)
    is_post = delivery.channel in FEED_CHANNELS or "group" in delivery.flags
    if lang == "zh":
        return _arrival_zh(delivery, sender, word, by)
    if delivery.way == "look":
        return f"looked {word} up {by}"
    if delivery.way == "reminder":
        return f"got a reminder of {word} {by} from {sender}"
    if delivery.way == "footer":
        return f"got a message {by} from {sender} with {word} at its foot"
    keeps = f", who keeps {'posting' if delivery.channel in FEED_CHANNELS else 'sending'} it"
    tail = {"post": keeps, "account": ", who had not sent it"}.get(delivery.way, "")
    whose = "the account of " if delivery.way == "account" else ""
    if delivery.channel in FEED_CHANNELS:
        return f"saw {word}, posted {by} {'from' if whose else 'by'} {whose}{sender}{tail}"
    return f"{'saw' if is_post else 'got'} {word} {by} from {whose}{sender}{tail}"


def _arrival_zh(delivery: DeliveryStory, sender: str, word: str, by: str) -> str:
    is_post = delivery.channel in FEED_CHANNELS or "group" in delivery.flags
    if delivery.way == "look":
        return f"{by}查看了{word}"
    if delivery.way == "reminder":
        return f"{by}收到{sender}发来的{word}的提醒"
    if delivery.way == "footer":
        return f"{by}收到{sender}发来的信息，末尾带着{word}"
    verb = "看到" if is_post else "收到"
    if delivery.way == "account":
        return f"{by}{verb}从{sender}的账号发出的{word}，但并非本人所发"
    again = "反复" if delivery.way == "post" else ""
    sent = "发的" if "group" in delivery.flags else "发布的" if is_post else "发来的"
    return f"{by}{verb}{sender}{again}{sent}{word}"


def missed_of(delivery: DeliveryStory, sender: str, word: str, lang: Lang) -> str:
    """What she never got."""
    is_feed = delivery.channel in FEED_CHANNELS
    by, is_look = of(words.BY_CHANNEL[delivery.channel], lang), delivery.way == "look"
    if lang == "zh":
        if is_look:
            return f"没能{by}看到{word}"
        sent, lost = ("发布的", "没能看到") if is_feed else ("发来的", "没有收到")
        about = "的提醒" if delivery.way == "reminder" else ""
        return f"{lost}{sender}{by}{sent}{word}{about}"
    if is_look:
        return f"never saw {word} {by}"
    if delivery.way == "reminder":
        word = f"a reminder of {word}"
    how = f"saw {word}, posted {by} by" if is_feed else f"got {word} {by} from"
    return f"never {how} {sender}"


def _by(delivery: DeliveryStory, lang: Lang) -> str:
    if "group" in delivery.flags:
        return of(("in a group chat", "在群聊里"), lang)
    return of(words.BY_CHANNEL[delivery.channel], lang)
