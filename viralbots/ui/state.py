"""What the page remembers: in the address what a link should carry, the rest in the session.

Keys of the address are stable identifiers, never translated labels: ``lang``, ``case``,
``users``, ``runs``, ``seed``, ``guess``, ``set`` (``path=value``, repeated) and ``job``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

import streamlit as st

from viralbots.scenario import Scenario, override
from viralbots.ui.i18n import LANGUAGES, Texts
from viralbots.ui.jobs import Job

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
RUNS = (5, 10, 20, 50, 100, 200)
DEFAULTS = {"users": 10_000, "runs": 20, "seed": 1}
LARGEST_SEED = 2**53 - 1  # what a browser can hold exactly
GUESS_OUT_OF = 10_000
EXPANDERS = ("lab.size", "lab.later", "lab.advanced", "lab.network", "lab.saved", "lab.sure",
             "compare.figures", "compare.sentences", "people.in_words")  # fmt: skip
"""Session keys of boxes that can be opened."""


def texts() -> Texts:
    """The texts in the visitor's language."""
    lang = st.session_state.get("lang")
    return Texts(lang if lang in LANGUAGES else "en")


def restore_language() -> None:
    """At the first run of a session: the language of the address, or of the browser."""
    memory, asked = st.session_state, st.query_params
    if "lang" not in memory:
        memory["lang"] = asked["lang"] if asked.get("lang") in LANGUAGES else _browser_language()


def restore(cases: Mapping[str, Scenario], first: str) -> None:
    """At the first run of a session: take over what the address says, defaults elsewhere."""
    memory = st.session_state
    if "viewer" in memory:
        return
    memory["viewer"] = uuid.uuid4().hex
    asked = st.query_params
    restore_language()
    memory["case"] = asked["case"] if asked.get("case") in cases else first
    memory["users"] = _one_of(asked.get("users"), SIZES, DEFAULTS["users"])
    memory["runs"] = _one_of(asked.get("runs"), RUNS, DEFAULTS["runs"])
    memory["seed"] = _whole(asked.get("seed"), LARGEST_SEED, DEFAULTS["seed"])
    guess = _whole(asked.get("guess"), GUESS_OUT_OF, -1)
    memory["guess"] = None if guess == -1 else guess
    memory["asked"] = _asked(asked.get_all("set"), cases[memory["case"]].controls)


def forget_missing(cases: Mapping[str, Scenario], first: str) -> None:
    """A case of one's own may have been deleted, or belong to another browser."""
    if st.session_state["case"] not in cases:
        st.session_state["case"] = first


def _asked(texts: list[str], controls: list[str]) -> dict[str, object]:
    """Values of controls in the address, by path; they are checked where they are used."""
    pairs = (text.partition("=")[::2] for text in texts[:10])
    return {path: _value(value) for path, value in pairs if path in controls}


def _browser_language() -> str:
    locale = (st.context.locale or "").lower()
    return "zh" if locale.startswith("zh") else "en"


def _one_of(text: str | None, allowed: tuple[int, ...], default: int) -> int:
    value = _whole(text, max(allowed), default)
    return value if value in allowed else default


def _whole(text: str | None, largest: int, default: int) -> int:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 16:
        return default
    value = int(text)
    return value if value <= largest else default


def _value(text: str) -> object:
    try:
        value = json.loads(text[:100])
    except ValueError:
        return None
    return value if isinstance(value, str | int | float | bool) else None


def control_key(case: str, path: str) -> str:
    """Session key of a control's widget."""
    return f"set:{case}:{path}"


def choices() -> list[str]:
    """Session keys of the boxes of choices on the page, and of those that can be opened."""
    memory = st.session_state
    keys = [key for key in memory if str(key).startswith("set:")]
    chosen = (str(key) for key in keys if isinstance(memory[key], str))
    return ["case", *chosen, *(key for key in EXPANDERS if key in memory)]


def write_address(job: Job, changes: Mapping[str, object], guess: int | None) -> None:
    """Put into the address what leads back to this job."""
    memory = st.session_state
    params: dict[str, str | list[str]] = {
        "lang": memory["lang"], "case": job.request.case, "users": str(memory["users"]),
        "runs": str(job.request.replicates), "seed": str(job.request.seed), "job": job.id,
    }  # fmt: skip
    if changes:
        params["set"] = [f"{path}={json.dumps(value)}" for path, value in changes.items()]
    if guess is not None:
        params["guess"] = str(guess)
    st.query_params.from_dict(params)


def write_run_address(job: Job | None, luck: int) -> None:
    """Put into the address what leads back to one run of a result, or of the case chosen."""
    memory = st.session_state
    params: dict[str, list[str]] = {
        "lang": [memory["lang"]], "case": [memory["case"]], "users": [str(memory["users"])],
        "seed": [str(memory["seed"])],
    }  # fmt: skip
    if job is not None:
        request, (of, told) = job.request, memory.get("address", ("", {}))
        params |= {"case": [request.case], "seed": [str(request.seed)], "job": [job.id]}
        params |= {"users": [str(request.scenario.network.n_users)], "run": [str(luck)]}
        params["runs"] = [str(request.replicates)]
        if of == job.id:  # what was changed in the case
            params |= {name: told[name] for name in ("set", "later") if name in told}
    if {name: st.query_params.get_all(name) for name in st.query_params} != params:
        st.query_params.from_dict(params)


def sized(case: Scenario) -> Scenario:
    """A case with the number of people that is set."""
    if case.network.kind == "imported":
        return case
    return override(case, {"network.n_users": users_of(case)})


def users_of(case: Scenario) -> int:
    """The number of people that is set, or as many as the case's waves need."""
    most = max((wave.count for wave in case.seeding), default=1)
    return max(int(st.session_state["users"]), most)


def start(job: Job, guess: int | None) -> None:
    """Follow a job from now on."""
    st.session_state["active"] = job
    st.session_state["note"] = None
    st.session_state.setdefault("guesses", {})[job.id] = guess


def active() -> Job | None:
    """The job that the visitor waits for."""
    return st.session_state.get("active")


def shown() -> Job | None:
    """The job of the chosen case whose result is on the page."""
    job: Job | None = st.session_state.get("shown")
    return job if job is not None and job.request.case == st.session_state["case"] else None


def before() -> Job | None:
    """The result shown before this one, if the two can share a chart."""
    old: Job | None = st.session_state.get("before")
    new = shown()
    if old is None or new is None or old.id == new.id or old.request.case != new.request.case:
        return None
    one, other = old.request.scenario, new.request.scenario
    return old if one.network == other.network and one.horizon == other.horizon else None


def guess_of(job: Job) -> int | None:
    """What the visitor guessed before this job ran, out of `GUESS_OUT_OF`."""
    guess: int | None = st.session_state.get("guesses", {}).get(job.id)
    return guess


def show_result(job: Job) -> None:
    """Show the result of a job in place of the one before."""
    memory = st.session_state
    if memory.get("shown") is not job:  # its first runs may be on the page already
        memory["before"], memory["shown"] = memory.get("shown"), job


def settle(job: Job) -> None:
    """A followed job is over: show its result, or say what happened."""
    memory = st.session_state
    memory["active"] = None
    if job.state == "done" or job.is_partial:
        show_result(job)
    if job.state != "done":
        memory["note"] = job
