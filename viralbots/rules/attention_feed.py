"""Bots in feeds of limited length: the published bot study (SimSoM; model §4, §6).

What exactly happens is in ``docs/attention_feed.md``; the compiled loop is
`viralbots.engine.attention_run`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.rules.base import Card, Origin, Reads, Rule
from viralbots.world.message import Share, measured_in

_STUDY = "Truong, Lou, Flammini & Menczer 2024 (PNAS Nexus 3, pgae258)"
_CODE = "default of the program published with the study"


class AttentionFeed(Rule):
    """Everybody posts or reshares once a step; feeds are short, attention decides (model §4)."""

    card: ClassVar[Card] = Card(
        label={"en": "Feeds and bots", "zh": "信息流与机器人"},
        spreads={
            "en": "Many posts compete for few places in everybody's feed. Each hour everybody "
            "posts something new or reshares what catches the eye: appealing, shared by "
            "others, recent. Bots post only worthless things.",
            "zh": "许多帖子争夺每个人信息流里不多的位置。每小时人人都发一条新帖，或转发一条"
            "抓眼球的：有吸引力、别人也在转、刚刚发出。机器人只发毫无价值的内容。",
        },
        leaves_out={
            "en": "Interests, trust, tie strength, time of day, moderation; what people believe; "
            "nobody unfollows a bot. Quality and appeal have nothing to do with each other.",
            "zh": "不考虑兴趣、信任、关系亲疏、作息时间和内容审核，也不考虑人们信什么；没有人会"
            "取消关注机器人。内容的质量与吸引力互不相关。",
        },
        contagion="complex",
    )
    reads: ClassVar[Reads] = Reads(
        message=("appeals",), wave=(), interventions=(), cells=(), bots=()
    )
    starts_by_itself: ClassVar[bool] = True
    max_users: ClassVar[int | None] = 10_000
    max_messages: ClassVar[int | None] = 2

    kind: Literal["attention_feed"] = Field(description="Which rule decides.")
    new_post: Share = Field(
        0.5, description="How often a user posts something new; otherwise she reshares (μ)."
    )
    feed_length: Annotated[int, measured_in("count", ge=1, le=100)] = Field(
        15, description="Posts that a feed holds; what falls out is forgotten (α)."
    )
    bots: Annotated[float, measured_in("share", ge=0, le=0.5, allow_inf_nan=False)] = Field(
        0.05, description="Share of all users who are bots (β)."
    )
    infiltration: Share = Field(
        0.01, description="Share of the people who follow each bot (γ); 0: nobody does."
    )
    deception: Share = Field(
        0.0, description="How often a bot's post has the greatest appeal there is (φ)."
    )
    flooding: Annotated[int, measured_in("count", ge=1, le=100)] = Field(
        1, description="How many copies of each of its posts a bot sends at once (θ)."
    )
    placement: str = Field(
        "random",
        description="Whose feeds the bots get into: random, hubs, leaders, vulnerable, "
        "community:7 …",
        max_length=40,
    )
    targeted: Share = Field(
        0.05,
        description="Share of all users who are targeted first, out of the class that "
        "`placement` names (not with random).",
    )
    bot_ties: Annotated[int, measured_in("ties", ge=0, le=100)] = Field(
        3, description="Other bots that follow each bot and reshare what it posts."
    )
    appeal_exponent: Annotated[float, measured_in("none", ge=0, le=20, allow_inf_nan=False)] = (
        Field(4.0, description="How rare appealing posts are: density (1+a)(1−x)^a of appeal x.")
    )
    quality_slope: Annotated[float, measured_in("none", ge=0, le=20, allow_inf_nan=False)] = Field(
        5.0, description="How much better than worthless people's posts are: density e^(sx)."
    )
    memory: Share = Field(
        0.8, description="Weight of the past in the running mean of quality (ρ)."
    )
    tolerance: Annotated[float, measured_in("share", ge=0, le=0.1, allow_inf_nan=False)] = Field(
        0.0001,
        description="It ends once the running mean changes by no more than this share in a step "
        "(ε); 0: it goes on to the horizon.",
    )

    origins: ClassVar[Mapping[str, Origin]] = {
        "new_post": Origin("simulated", _STUDY, 0.1, 0.9),
        "feed_length": Origin("simulated", _STUDY, 1, 100),
        "bots": Origin("simulated", f"{_STUDY}; 9–15 % of accounts in Varol et al. 2017", 0, 0.2),
        "infiltration": Origin("simulated", _STUDY, 0.0001, 0.1),
        "deception": Origin("simulated", _STUDY, 0, 1),
        "flooding": Origin("simulated", _STUDY, 1, 64),
        "placement": Origin("simulated", _STUDY),
        "targeted": Origin("assumed", "the study weighs all users instead", 0.01, 0.2),
        "bot_ties": Origin("simulated", _CODE, 0, 10),
        "appeal_exponent": Origin("simulated", _STUDY, 1, 10),
        "quality_slope": Origin("simulated", _CODE, 0, 10),
        "memory": Origin("simulated", _CODE, 0.5, 0.95),
        "tolerance": Origin("simulated", _CODE, 0, 0.001),
    }
