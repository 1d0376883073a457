"""A drawn portrait of a made-up person: initials on a disc, for a bot a head of metal.

Drawn here because emoji are empty boxes where no font has them. The colour tells the role.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape

from viralbots.experiments.person import Who

SIZE = 40
COLOURS = {"person": "#566575", "leader": "#0b63b0", "operator": "#7a1f6e", "bot": "#33404d"}
"""White letters are readable on each of them, and each on a light and a dark ground."""
_HAN = ("\u3400", "\u9fff")
_RIM = 'stroke="#ffffff" stroke-opacity="0.35"'
_BOT = (
    '<path d="M20 12V6" stroke="#fff" stroke-width="2"/>'
    '<circle cx="20" cy="6" r="2.5" fill="#fff"/>'
    '<rect x="9" y="13" width="22" height="18" rx="4" fill="#fff"/>'
    '<circle cx="16" cy="21" r="2.5"/><circle cx="24" cy="21" r="2.5"/>'
    '<path d="M15 27h10" stroke="#000" stroke-width="2"/>'
)


def initials(name: str) -> str:
    """Two letters for a name; of a Chinese one its last two characters.

    >>> initials("Kristine de Butler"), initials("王小明"), initials("node_7"), initials("<>")
    ('KB', '小明', 'N', '·')
    """
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return "·"
    if _HAN[0] <= words[0][0] <= _HAN[1]:
        return words[0][-2:] if words[0][-2:].isalnum() else words[0][0]
    first_and_last = words[:1] if len(words) == 1 else (words[0], words[-1])
    return "".join(word[0] for word in first_and_last).upper()


def svg(who: Who) -> str:
    """The portrait as SVG."""
    colour = COLOURS.get(who.role, COLOURS["person"])
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}" '
            f'viewBox="0 0 {SIZE} {SIZE}">')  # fmt: skip
    if who.role == "bot":
        ground = f'<rect x="1" y="1" width="38" height="38" rx="9" fill="{colour}" {_RIM}/>'
        return f"{head}{ground}{_BOT}</svg>"
    text = escape(initials(who.name))
    return (
        f'{head}<circle cx="20" cy="20" r="19" fill="{colour}" {_RIM}/>'
        f'<text x="20" y="20.5" fill="#fff" font-family="sans-serif" font-size="15" '
        f'font-weight="600" text-anchor="middle" dominant-baseline="central">{text}</text></svg>'
    )


def address(who: Who) -> str:
    """The portrait as an address that holds the picture itself, for a table."""
    return "data:image/svg+xml;base64," + b64encode(svg(who).encode()).decode()
