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
from viralbots.interventions.base import Intervention
from viralbots.interventions.correction import Correction
from viralbots.interventions.disclosure import Disclosure
from viralbots.interventions.forward_limit import ForwardLimit
from viralbots.interventions.landing_capacity import LandingCapacity
from viralbots.interventions.leak import Leak
from viralbots.interventions.message_filter import MessageFilter
from viralbots.interventions.prebunk import Prebunk
from viralbots.interventions.removal import Removal
from viralbots.interventions.scandal import Scandal

INTERVENTIONS: dict[str, type[Intervention]] = {
    "accuracy_prompt": AccuracyPrompt,
    "adjustment": TableAdjustment,
    "capacity": LandingCapacity,
    "correction": Correction,
    "disclosure": Disclosure,
    "filter": MessageFilter,
    "forward_limit": ForwardLimit,
    "leak": Leak,
    "prebunk": Prebunk,
    "removal": Removal,
    "scandal": Scandal,
}

if TYPE_CHECKING:
    AnyIntervention = Intervention
else:  # one field of a scenario file; pydantic tells them apart by their kind
    AnyIntervention = Annotated[reduce(or_, INTERVENTIONS.values()), Field(discriminator="kind")]

__all__ = ["INTERVENTIONS", "AnyIntervention", "Intervention"]
