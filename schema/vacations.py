"""Vacations of a learner."""

import datetime

import strawberry

from db.queries.vacations import VacationRow
from schema.nodes import is_row


@strawberry.type(description="Days on which the learner does not study. Due days move by its length.")
class Vacation:
    is_type_of = is_row(VacationRow)

    starts_on: datetime.date = strawberry.field(description="The first day.")
    ends_on: datetime.date = strawberry.field(description="The last day.")
