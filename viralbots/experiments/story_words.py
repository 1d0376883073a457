"""The words of `viralbots.experiments.story` and `arithmetic`, English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from viralbots.rules.sentences import sentences
from viralbots.world.message import Message

Pair = tuple[str, str]  # English, Chinese


def of(pair: Pair, lang: str) -> str:
    """The text in one language.

    >>> of(("yes", "是"), "zh")
    '是'
    """
    return pair[lang == "zh"]


DAYS: tuple[Pair, ...] = (
    ("Monday", "周一"), ("Tuesday", "周二"), ("Wednesday", "周三"), ("Thursday", "周四"),
    ("Friday", "周五"), ("Saturday", "周六"), ("Sunday", "周日"),
)  # fmt: skip
PRONOUNS = {"female": ("she", "her"), "male": ("he", "his"), "bot": ("it", "its")}
PRONOUNS_ZH = {"female": "她", "male": "他", "bot": "它"}
BY_CHANNEL: dict[str, Pair] = {
    "im": ("by instant message", "通过即时消息"), "email": ("by e-mail", "通过电子邮件"),
    "sms": ("by text message", "通过短信"), "forum": ("on a forum", "在论坛上"),
    "blog": ("on a blog", "在博客上"), "video": ("on a video site", "在视频平台上"),
    "web": ("on the web", "在网上"),
}  # fmt: skip
FRIENDS: tuple[tuple[float, Pair], ...] = (  # from this tie strength on
    (0.7, ("close friend", "好友")), (0.35, ("friend", "朋友")), (0.0, ("acquaintance", "熟人")),
)  # fmt: skip
DONE: dict[str, tuple[Pair, Pair]] = {  # yes, no
    "read": (("opened it", "点开看了"), ("did not open it", "没有点开")),
    "look": (("read it", "看了"), ("scrolled past it", "一划而过")),
    "detect": (("saw through it", "识破了它"), ("did not see through it", "没有识破")),
    "convert": (("took it up", "接受了"), ("did not take it up", "没有接受")),
    "request": (("applied for it", "提出了申请"), ("did not take it up", "没有接受")),
    "fall": (("fell for it", "上当了"), ("did not fall for it", "没有上当")),
    "forward": (("passed it on", "转发了"), ("did not pass it on", "没有转发")),
    "react": (("turned against it", "转而反对"), ("did not turn against it", "没有反对")),
}
VETOED: dict[str, Pair] = {
    "convert": ("would have taken it up", "本来会接受"),
    "fall": ("would have fallen for it", "本来会上当"),
    "forward": ("would have passed it on", "本来会转发"),
}
VETOES: dict[str, Pair] = {
    "recall": ("the advertising was too faint to be remembered", "广告太淡，没能让人记住"),
    "filter": ("a filter held it back", "被平台过滤掉了"),
    "accuracy_prompt": ("the question “is it true?” gave pause",
                        "“这是真的吗？”的提醒让人打消了念头"),
    "cooling_off": ("the time to think it over made for second thoughts",
                    "冷静期让人改了主意"),
    "downrank": ("the platform ranked it too low to be seen", "平台降低了它的排序，没人看得到"),
    "opt_in_only": ("it may go only to those who asked for it", "它只能发给主动要求接收的人"),
    "regulator_stop": ("the regulator had stopped it", "监管机构已经叫停"),
    "throttle": ("the sender was throttled after complaints", "发送者因被投诉而受到限流"),
}  # fmt: skip
VETO_NAMES: dict[str, Pair] = {
    "recall": ("the advertising being too faint", "广告太淡"),
    "filter": ("the filter", "平台的过滤"),
    "accuracy_prompt": ("the accuracy prompt", "准确性提醒"),
    "cooling_off": ("the cooling-off period", "冷静期"),
    "downrank": ("the lower ranking", "降低排序"),
    "opt_in_only": ("the rule that people must have asked for it", "“先同意后接收”的规定"),
    "regulator_stop": ("the regulator", "监管机构"),
    "throttle": ("the throttling", "限流"),
}
VETO_LABELS: dict[str, Pair] = {
    "recall": ("recall", "记不住"), "filter": ("filter", "平台过滤"),
    "accuracy_prompt": ("accuracy prompt", "准确性提醒"),
    "cooling_off": ("cooling-off", "冷静期"), "downrank": ("ranking", "降低排序"),
    "opt_in_only": ("opt-in only", "先同意后接收"), "regulator_stop": ("regulator", "监管叫停"),
    "throttle": ("throttling", "限流"),
}  # fmt: skip
STOPPED: dict[str, Pair] = {
    "opt_out": ("{she} had opted out", "{she}已经退订"),
    "filter_installed": ("{her} own filter keeps all brands out", "{she}装的过滤器挡住了所有品牌"),
    "removed": ("{her} account was closed", "{she}的账号已被关闭"),
    "suspended": ("{her} account was suspended", "{she}的账号正被暂停"),
}
EVENTS: dict[str, Pair] = {
    "aware": ("{she} learned from a notice what is behind {message}",
              "{she}从一则公告得知了{message}的内情"),
    "opt_out": ("{she} was taken off the list of those who get {message}",
                "{she}被移出了{message}的接收名单"),
    "remove": ("{she} lost {her} account: it was closed", "{she}的账号被关闭"),
    "suspend": ("{her} account was suspended for the time being", "{she}的账号被暂停使用"),
    "back": ("{she} came back: the suspension of {her} account was over",
             "{she}的账号解封，{she}又回来了"),
    "trust": ("{she} lost trust in those behind {message}",
              "{she}不再那么信任{message}背后的人"),
}  # fmt: skip
UNASKED: dict[str, Pair] = {  # sent without her doing; {sent} tells how and to how many
    "hijacked": ("Somebody else used {her} account: without {her} doing {message} went out "
                 "and {sent}", "有人盗用了{she}的账号：{she}并不知情，{message}就从那里{sent}"),
    "joined": ("Without asking {her}, {message} went on from {her} account and {sent}",
               "{message}没有征求{she}的意见，就从{she}的账号{sent}"),
}  # fmt: skip
RIDES: Pair = ("From then on {message} rode at the foot of {her} messages",
               "从此，{she}发出的信息末尾都带着{message}")  # fmt: skip
REFUSED: dict[str, Pair] = {
    "footer": (
        "could not pass it on, since nobody decides to pass on a footer",
        "无从转发，因为附在末尾的话不靠人主动转发",
    ),
    "members_only": (
        "could not pass it on, as only members can",
        "无法转发，因为只有会员才能转发",
    ),
    "account": ("was not asked about passing it on", "没有机会选择是否转发"),
}
FROM_START: Pair = (
    "{she} had taken {message} up from the start",
    "{she}从一开始就在用{message}",
)
GRANTED: Pair = ("What {she} had asked for, {message}, which had come {by} from {sender}, "
                 "was granted",
                 "{she}申请的{message}（{by}来自{sender}）获得批准")  # fmt: skip
BOT: Pair = (" (an account run by somebody else)", "（由他人操纵的账号）")
PAID: Pair = (", who is paid for it", "（收了钱）")
PAID_BOT: Pair = (" (an account run by somebody else for pay)", "（由收钱的人操纵的账号）")
REACTIONS: dict[str, Pair] = {
    "opt_out": ("opted out", "退订了"),
    "complain": ("complained", "投诉了"),
    "counter": ("began to speak out against it", "开始发声反对它"),
}
GROUPS: dict[str, Pair] = {
    "incentive": ("incentive", "诱因"), "ease": ("ease", "便利"),
    "network": ("network", "网络"), "resistance": ("resistance", "抗拒"),
}  # fmt: skip
TITLES: dict[str, Pair] = {
    "read": ("Read it?", "看不看？"), "detect": ("See through it?", "识破吗？"),
    "convert": ("Take it up?", "接受吗？"), "fall": ("Fall for it?", "上当吗？"),
    "forward": ("Pass it on?", "转发吗？"), "react": ("Turn against it?", "反对吗？"),
}  # fmt: skip
QUANTITIES: dict[str, Pair] = {
    "tie": ("closeness", "关系亲密度"), "fatigue": ("fatigue", "疲劳"),
    "repeats": ("readings beyond the second", "第三次起的阅读次数"),
    "skill": ("detection skill", "识别能力"), "senders": ("people who sent it", "发来的人数"),
    "match": ("interest in the topic", "对话题的兴趣"),
    "aware": ("having seen through it", "已经识破"),
    "distrust": ("lost trust", "失去的信任"), "threat": ("fear of threats", "对威胁的敏感"),
    "reputation": ("concern for one's name", "爱惜名声"),
    "using": ("share of contacts who use it", "联系人中已在使用的占比"),
    "not_using": ("share of contacts who do not use it yet", "联系人中尚未使用的占比"),
    "rival_using": ("share of contacts who use a rival", "联系人中使用竞品的占比"),
    "deceived": ("having been deceived", "曾被欺骗"), "was_read": ("having read it", "读过"),
    "ad_intensity": ("advertising", "广告成分"), "novelty": ("novelty", "新鲜感"),
    "disguise": ("disguise", "伪装"), "reward": ("reward", "转发奖励"), "price": ("price", "价格"),
    "arousal": ("emotion", "情绪感染力"), "status": ("status", "面子"),
    "ease": ("ease of passing on", "转发的便利"),
}  # fmt: skip

MESSAGES: dict[str, Pair] = {
    "message": ("the message", "原消息"), "counter": ("the counter-message", "反对消息"),
    "correction": ("the correction", "更正"),
}  # fmt: skip
"""What a message is called where it is the only one of its kind."""

YES_OR_NO = ("aware", "deceived", "was_read")


def message_words(messages: Mapping[str, Message], name: str, lang: str) -> str:
    """A message inside a sentence: by its kind, or by its name in quotation marks."""
    kind = messages[name].kind
    alone = sum(one.kind == kind for one in messages.values()) == 1
    return of(MESSAGES[kind], lang) if alone and kind in MESSAGES else f"“{name}”"


def sentence_of(cell: str, lang: str) -> str:
    """What a cell of the decision table does, in one sentence."""
    return sentences(lang)[cell]


def veto_name(name: str, lang: str) -> str:
    """A veto by name, inside a sentence."""
    return of(VETO_NAMES.get(name, (f"“{name}”", f"“{name}”")), lang)


def veto_words(name: str, lang: str) -> str:
    """What a veto did, as a clause; unknown ones are named."""
    named = (f"“{name}” stopped it", f"被“{name}”拦下")
    return of(VETOES.get(name, named), lang)


def percent(probability: int, lang: str) -> str:
    """A probability in units of 2**-32 for reading.

    >>> percent(1 << 31, "en").replace(chr(160), "_"), percent(5 << 20, "zh")
    ('50_%', '0.12%')
    """
    value = probability / 2**32 * 100
    digits = 0 if value >= 10 or value == 0 else 1 if value >= 1 else 2
    text = f"{value:.{digits}f}"
    return f"{text}%" if lang == "zh" else f"{text}\N{NO-BREAK SPACE}%"


def chance(probability: int, draw: int, lang: str) -> str:
    """Chance and draw in brackets; the draw with as many digits as it needs."""
    value = draw / 2**32
    shown = f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"
    if lang == "zh":
        return f"（概率{percent(probability, lang)}，随机数{shown}）"
    return f" (chance {percent(probability, lang)}, draw {shown})"
