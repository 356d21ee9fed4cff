"""Cost plans: how much work, in units of operation cost, a client may request over time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from domain.enums import Role
from domain.viewer import Viewer

ANONYMOUS = "anonymous"
# In the order in which plans are inherited.
_ROLES = (ANONYMOUS, *(role.value.lower() for role in Role))
MAX_NAME_LENGTH = 50
_PLAN = re.compile(rf"([a-z][a-z0-9_-]{{0,{MAX_NAME_LENGTH - 1}}})=(\d{{1,10}})/(\d{{1,7}})")

# Integers of Redis scripts are exact up to 2^53: a bucket that is filled in a day is far below.
_MAX_WINDOW_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class CostPlan:
    """A token bucket. `maximum`: its size. `restore_rate`: units added per second."""

    maximum: int
    restore_rate: int

    @property
    def window_seconds(self) -> int:
        """In which an empty bucket is filled."""
        return -(-self.maximum // self.restore_rate)

    @property
    def block(self) -> int:
        """How many units a process reserves in advance with one command: a hundredth of the bucket."""
        return self.maximum // 100


@dataclass(frozen=True, slots=True)
class CostPlans:
    """Plans by name: of each role, of anonymous clients, and those that tokens name."""

    by_name: Mapping[str, CostPlan]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `anonymous=1000000/20000 learner=500000/10000`. A role without a plan has that of the role below it.

        Other names are those of plans that tokens name. Raises ValueError.
        """
        given: dict[str, CostPlan] = {}
        for part in text.split():
            match = _PLAN.fullmatch(part)
            if match is None:
                raise ValueError(f"{part!r} is not `name=maximum/perSecond`; the roles are {', '.join(_ROLES)}")
            plan = CostPlan(int(match[2]), int(match[3]))
            if not plan.restore_rate or not plan.maximum or plan.window_seconds > _MAX_WINDOW_SECONDS:
                raise ValueError(f"{part!r}: the maximum must be restored within {_MAX_WINDOW_SECONDS} seconds")
            if match[1] in given:
                raise ValueError(f"{match[1]} has two plans")
            given[match[1]] = plan
        if ANONYMOUS not in given:
            raise ValueError(f"there is no plan for {ANONYMOUS}")
        plan = given[ANONYMOUS]
        for name in _ROLES:
            plan = given[name] = given.get(name, plan)
        return cls(given)

    def of(self, viewer: Viewer | None, named: str | None = None) -> CostPlan:
        """Return the plan that the viewer's token names, else that of the role.

        Names of roles, and names without a plan, are ignored.
        """
        if viewer is None:
            return self.by_name[ANONYMOUS]
        if named is not None and named not in _ROLES and (plan := self.by_name.get(named)) is not None:
            return plan
        return self.by_name[viewer.role.lower()]

    @property
    def least(self) -> int:
        """The smallest maximum."""
        return min(plan.maximum for plan in self.by_name.values())
