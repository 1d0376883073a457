"""What follows from a user's arrays: her job in both languages, her portrait, words for her."""

from __future__ import annotations

from viralbots.world.world import Population

MEETS_MANY = {
    "en_US": (
        "waiter", "taxi driver", "shop assistant", "nurse", "hairdresser", "bus driver",
        "receptionist", "market trader", "postal worker", "pharmacist", "bartender",
        "sports coach",
    ),
    "zh_CN": (
        "服务员", "出租车司机", "售货员", "护士", "理发师", "公交车司机",
        "前台接待", "菜市场摊主", "快递员", "药店店员", "社区工作者", "健身教练",
    ),
}  # fmt: skip
MEETS_FEW = {
    "en_US": (
        "night watchman", "beekeeper", "long-distance lorry driver", "freelance translator",
        "shepherd", "archivist", "novelist", "forest ranger", "proofreader",
        "weather observer",
    ),
    "zh_CN": (
        "夜班保安", "养蜂人", "长途货车司机", "自由译者", "牧羊人", "档案管理员",
        "小说家", "护林员", "校对员", "气象观测员",
    ),
}  # fmt: skip
BY_ROLE: dict[str, dict[str, tuple[str, ...]]] = {
    "leader": {
        "en_US": (
            "journalist", "radio presenter", "club chair", "head teacher",
            "community organiser", "food blogger", "local councillor", "team captain",
        ),
        "zh_CN": (
            "记者", "电台主持人", "俱乐部会长", "校长", "社区组织者", "美食博主",
            "居委会主任", "球队队长",
        ),
    },
    "operator": {
        "en_US": ("website operator", "magazine editor", "newsletter publisher"),
        "zh_CN": ("网站站长", "杂志编辑", "电子报发行人"),
    },
    "bot": {"en_US": ("automated account",), "zh_CN": ("自动账号",)},
}  # fmt: skip
SCHOOLS = {
    "en_US": ("primary-school pupil", "secondary-school pupil"),
    "zh_CN": ("小学生", "中学生"),
}
SECONDARY_FROM = 12  # years
# Endings of jobs, to tell them from trades and departments in Faker's lists.
_ENDINGS = (
    "er", "or", "ist", "ian", "ant", "ary", "ect", "eon", "ney", "man", "ife",
    "员", "师", "工", "医生", "司机", "经理", "主管", "翻译", "顾问", "教练", "教授", "助理",
    "编辑", "代表", "店长", "会计", "领班",
)  # fmt: skip
_PROPER = ("English",)

# By age band, then gender.
PORTRAITS = (
    (("👧",), ("👦",)),
    (("👩", "👩‍🦱"), ("👨", "👨‍🦱", "🧔")),
    (("👩", "👩‍🦱", "👩‍🦳"), ("👨", "👨‍🦱", "🧔", "👨‍🦲")),
    (("👵", "👩‍🦳"), ("👴", "👨‍🦳")),
)
BOT_PORTRAIT = "🤖"

# Word, attribute, upper bound of the lowest and lower bound of the highest fifth.
WORDS = (
    ("reserved", "sociable", "sociability", 819, 3277),
    ("slow", "quick", "activity", 819, 3277),
    ("trusting", "alert", "detection", round(-0.84 * 2**20), round(0.84 * 2**20)),
    ("calm", "anxious", "threat", round(0.11 * 2**12), round(0.45 * 2**12)),
    ("carefree", "careful", "reputation", round(0.287 * 2**12), round(0.713 * 2**12)),
)


def choice_of(locale: str, role: str, meets: int) -> tuple[str, ...]:
    """Jobs from which a user's is picked; empty where any job will do.

    Parameters
    ----------
    locale : str
    role : str
        One of ``ROLES``.
    meets : int
        1 where she has unusually many ties, −1 unusually few, else 0.
    """
    if role in BY_ROLE:
        return BY_ROLE[role][locale]
    if meets:
        return MEETS_MANY[locale] if meets > 0 else MEETS_FEW[locale]
    return ()


def school_of(locale: str, age: int) -> str:
    """What a minor does."""
    return SCHOOLS[locale][age >= SECONDARY_FROM]


def retired(locale: str, job: str) -> str:
    """The same job, some time ago.

    >>> retired("en_US", "teacher"), retired("zh_CN", "护士")
    ('retired teacher', '退休护士')
    """
    return f"退休{job}" if locale == "zh_CN" else f"retired {job}"


def plain_job(name: str) -> str:
    """A job as said in a sentence; '' for headings and lists that are no job.

    >>> plain_job("Film Editor"), plain_job("Runner, broadcasting"), plain_job("IT trainer")
    ('film editor', '', 'IT trainer')
    >>> plain_job("其他"), plain_job("护士长助理")
    ('', '护士长助理')
    """
    if any(mark in name for mark in ",/()、 其") and not name.isascii():
        return ""
    if any(mark in name for mark in ",/()") or not name.endswith(_ENDINGS):
        return ""
    words = name.split(" ")
    return " ".join(word if word in _PROPER or word.isupper() else word.lower() for word in words)


def persona_words(population: Population, user: int) -> tuple[str, ...]:
    """Identifiers of what is striking about a user: her outer fifths, and vulnerable."""
    words = []
    for low_word, high_word, name, low, high in WORDS:
        value = int(getattr(population, name)[user])
        if value <= low or value >= high:
            words.append(low_word if value <= low else high_word)
    return (*words, "vulnerable") if population.vulnerable[user] else tuple(words)
