"""Shares of kinds of users: the one declaration, for scenarios and for builders (model §1)."""

from __future__ import annotations

from pydantic import Field, model_validator

from viralbots.errors import Problem
from viralbots.world.message import Share, Strict, refusal


class PopulationSpec(Strict):
    """Shares of a population, all assumed (model §1, §9); adults are the rest."""

    minor: Share = Field(0.06, description="Under 18.")
    young: Share = Field(0.24, description="18 to 29.")
    elder: Share = Field(0.10, description="Over 65.")
    marked: Share = Field(
        0.04, description="Vulnerable for another reason than age; about 20 % are in all."
    )
    opted_in: Share = Field(0.10, description="Agreed to advertising.")
    uploads_contacts: Share = Field(0.30, description="Hands the own address book over.")
    leader_share: Share = Field(
        0.01, description="Most followed part of each community: its leaders."
    )
    operator_share: Share = Field(
        0.0, description="Runs a site or a periodical, among those who are not leaders."
    )
    im: Share = Field(0.95, description="Uses instant messaging.")
    email: Share = Field(0.90, description="Uses e-mail.")
    sms: Share = Field(0.98, description="Uses text messages.")
    forum: Share = Field(0.70, description="Reads forums.")
    blog: Share = Field(0.40, description="Reads blogs.")
    video: Share = Field(0.90, description="Watches video platforms.")

    @model_validator(mode="after")
    def _age_bands_fit(self) -> PopulationSpec:
        total = self.minor + self.young + self.elder
        if total > 1:
            text = f"minor + young + elder must be at most 1, got {total:g}; lower one of them"
            raise refusal("", [Problem("", "ages_over_one", text, {"total": f"{total:g}"})])
        return self


DEFAULT_SHARES = PopulationSpec()
