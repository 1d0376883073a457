"""What the platform, the law or the sponsor changes, and from when.

`INTERVENTIONS` lists them by the word used in scenario files. To add one: a file with a
class, a line here, a test of its meaning and a scenario that shows it.
"""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from viralbots.interventions.accuracy_prompt import AccuracyPrompt
from viralbots.interventions.adjustment import TableAdjustment
from viralbots.interventions.affiliates import Affiliates
from viralbots.interventions.autoscale import Autoscale
from viralbots.interventions.base import Intervention
from viralbots.interventions.bot_removal import BotRemoval
from viralbots.interventions.breach import Breach
from viralbots.interventions.cooling_off import CoolingOff
from viralbots.interventions.correction import Correction
from viralbots.interventions.disclosure import Disclosure
from viralbots.interventions.downrank import Downrank
from viralbots.interventions.forward_limit import ForwardLimit
from viralbots.interventions.label import Label
from viralbots.interventions.landing_capacity import LandingCapacity
from viralbots.interventions.leak import Leak
from viralbots.interventions.look_up import LookUp
from viralbots.interventions.message_filter import MessageFilter
from viralbots.interventions.opt_in_only import OptInOnly
from viralbots.interventions.prebunk import Prebunk
from viralbots.interventions.press import Press
from viralbots.interventions.quarantine import Quarantine
from viralbots.interventions.rate_limit import RateCap
from viralbots.interventions.regulator_stop import RegulatorStop
from viralbots.interventions.removal import Removal
from viralbots.interventions.scandal import Scandal
from viralbots.interventions.season import Season
from viralbots.interventions.throttle import Throttle

INTERVENTIONS: dict[str, type[Intervention]] = {
    "accuracy_prompt": AccuracyPrompt,
    "adjustment": TableAdjustment,
    "affiliates": Affiliates,
    "autoscale": Autoscale,
    "bot_removal": BotRemoval,
    "breach": Breach,
    "capacity": LandingCapacity,
    "cooling_off": CoolingOff,
    "correction": Correction,
    "disclosure": Disclosure,
    "downrank": Downrank,
    "filter": MessageFilter,
    "forward_limit": ForwardLimit,
    "label": Label,
    "leak": Leak,
    "look_up": LookUp,
    "opt_in_only": OptInOnly,
    "prebunk": Prebunk,
    "press": Press,
    "quarantine": Quarantine,
    "rate_limit": RateCap,
    "regulator_stop": RegulatorStop,
    "removal": Removal,
    "scandal": Scandal,
    "season": Season,
    "throttle": Throttle,
}

if TYPE_CHECKING:
    AnyIntervention = Intervention
else:  # one field of a scenario file; pydantic tells them apart by their kind
    AnyIntervention = Annotated[reduce(or_, INTERVENTIONS.values()), Field(discriminator="kind")]

__all__ = ["INTERVENTIONS", "AnyIntervention", "Intervention"]
