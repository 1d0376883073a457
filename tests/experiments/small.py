"""A small case that runs in a few hundredths of a second."""

from __future__ import annotations

from typing import Any

from viralbots.scenario import Scenario, from_dict


def small(**changes: Any) -> Scenario:
    """A false rumour in a world of 600, with a counter-message; fields may be replaced."""
    document: dict[str, Any] = {
        "format": 1,
        "name": "small",
        "title": {"en": "Small", "zh": "小例子"},
        "story": {"en": "A test.", "zh": "测试。"},
        "network": {"n_users": 600},
        "messages": {
            "rumour": {"brand": "Acme", "arousal": 0.9, "is_false": True, "channels": {"im": 1.0}},
            "truth": {"kind": "counter", "about": "rumour", "channels": {"forum": 1.0}},
        },
        "seeding": [{"message": "rumour", "count": 20}],
        "horizon_days": 3,
    }
    return from_dict({**document, **changes})
