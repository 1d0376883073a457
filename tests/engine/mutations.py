"""Small errors put into the kernel on purpose: would the exactness tests notice?

One compilation serves all: each mutation turns an expression ``old`` of the kernel into
``(new if control[19] == k else old)``, and the last entry of the control array, which the
kernel does not use, says which of them is alive. Run as a script with a folder for the
changed sources, it prints a line per mutation: its name, and the first case that shows it.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

N_CASES = 200
SWITCH = "control[19]"
KERNELS = ("decide", "send", "landing", "kernel")  # in the order in which they import
VARIABLE = "VIRALBOTS_MUTANT"


class Mutation(NamedTuple):
    """An expression of the kernel and what takes its place."""

    name: str
    old: str
    new: str


MUTATIONS = (
    Mutation("fatigue decays to zero", "base + halve(w_halving, tired - base, elapsed)",
             "halve(w_halving, tired, elapsed)"),
    Mutation("three senders are enough", "n_senders < 4", "n_senders < 3"),
    Mutation("the second reading bores", "readings - 2", "readings - 1"),
    Mutation("asks again while waiting", "mine & (CONVERTED | REQUESTED)", "mine & CONVERTED"),
    Mutation("only who detects passes it on",
             "theirs & (DECEIVED | DETECTED)", "theirs & DETECTED"),
    Mutation("sends back to the source", "v == source", "v == -2"),
    Mutation("half the attempts", "8 * k + 64", "4 * k + 32"),
    Mutation("forward is luckier with repeats", "draw(pair, FORWARD_CODE)",
             "draw(pair, occasion | FORWARD_CODE)"),
    Mutation("pay does not matter", "65536 - tie", "0"),
    Mutation("tired without end", "min(most, tired + step)", "tired + step"),
    Mutation("filters do not filter", "who & st.FILTERS", "0"),
    Mutation("aware too late", "times(t_coefficient[f, FORWARD_NAME_AWARE], name * aware, 12)",
             "times(t_coefficient[f, FORWARD_NAME_AWARE], name * informed, 12)"),
    Mutation("places are held for forty minutes", "s_served_at[q, k] > now - 60",
             "s_served_at[q, k] > now - 40"),
    Mutation("the aware opt out like others", "t_constant[OPT_OUT_AWARE]", "t_constant[OPT_OUT]"),
    Mutation("leaders forward anything", "match < LEADER_MATCH", "match < 0"),
    Mutation("the group is asked again", "in_group and w_circle[v] == ring", "False"),
)  # fmt: skip


def mutate(sources: dict[str, str]) -> dict[str, str]:
    """The sources of the kernels with every mutation in them, all asleep."""
    for number, (name, old, new) in enumerate(MUTATIONS, 1):
        places = [module for module, text in sources.items() for _ in range(text.count(old))]
        if len(places) != 1:
            raise ValueError(
                f"mutation {name!r}: {old!r} must occur once in the kernels, occurs in "
                f"{places or 'none'}; write it as the kernel now does"
            )
        mutant = f"(({new}) if {SWITCH} == {number} else ({old}))"
        sources[places[0]] = sources[places[0]].replace(old, mutant)
    return sources


def wake(source: str) -> str:
    """The source of `viralbots.engine.state` with a switch in each new control array."""
    old = "control = np.zeros(N_CONTROL, np.int64)"
    if source.count(old) != 1:
        raise ValueError(f"{old!r} must occur once in viralbots/engine/state.py")
    return source.replace(old, f'{old}; {SWITCH} = int(__import__("os").environ["{VARIABLE}"])')


def load(name: str, path: Path, text: str) -> ModuleType:
    """Import ``text`` in place of the module ``name``."""
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    package, _, short = name.rpartition(".")
    setattr(sys.modules[package], short, module)
    return module


def main(folder: Path) -> None:
    """Print how each mutation fares; number 0 is the kernel as it is."""
    import viralbots.engine

    here = Path(viralbots.engine.__path__[0])
    state_text = wake((here / "state.py").read_text(encoding="utf-8"))
    kernels = {name: (here / f"{name}.py").read_text(encoding="utf-8") for name in KERNELS}
    load("viralbots.engine.state", folder / "state.py", state_text)
    for name, text in mutate(kernels).items():
        load(f"viralbots.engine.{name}", folder / f"{name}.py", text)

    from tests.random_worlds import random_case
    from tests.reference import simulate_reference
    from viralbots.engine.simulate import simulate

    cases = [random_case(number) for number in range(N_CASES)]
    expected = [simulate_reference(*case, number).digest for number, case in enumerate(cases)]
    for mutant, name in enumerate(("none", *(m.name for m in MUTATIONS))):
        os.environ[VARIABLE] = str(mutant)
        shown = next(
            (
                number
                for number, (scenario, world) in enumerate(cases)
                if simulate(scenario, number, world=world).digest != expected[number]
            ),
            "unnoticed",
        )
        print(f"{name}: {shown}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
