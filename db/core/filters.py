"""Filters of lists, each declared once: its description, its SQL condition, its parameter and its cache rule.

A list has one dataclass of filters. The schema makes it an input type, `apply` and `parameters` make the statement and
its values from the fields that are set, and `list_tags` and `viewer_fields` tell the cache what the result depends on.
"""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

from sqlalchemy import ColumnElement, FromClause, Select, bindparam
from sqlalchemy.types import TypeEngine

from common.text import camel_case
from db.core.cache_tags import TagFactory
from db.core.cache_tags import list_tags as tags_of_list

_METADATA = "filter"


@dataclass(frozen=True, slots=True)
class Filter:
    """The declaration of one filter.

    `condition`: from the table and the value, which is a bind parameter of `parameter_type`, or the value itself if
    there is no such type. `to_parameter`: the parameter from the field's name, as clients know it, and value; raises
    BadUserInput.
    `needs_viewer`: for which values the result depends on the viewer. `is_level`: the cache tags of the list are by the
    values of this filter. `is_id`: the value is a global id.
    """

    description: str
    condition: Callable[[FromClause, Any], ColumnElement[bool]]
    parameter_type: TypeEngine[Any] | type[TypeEngine[Any]] | None = None
    to_parameter: Callable[[str, Any], object] = lambda _, value: value
    needs_viewer: Callable[[Any], bool] | None = None
    is_level: bool = False
    is_id: bool = False


def filter_field(declared: Filter) -> Any:
    """Declare a field of a `ListFilter`, None by default."""
    return field(default=None, metadata={_METADATA: declared})


class ListFilter:
    """Base of the dataclasses of filters. A field that is None does not filter."""

    filters: ClassVar[Mapping[str, Filter]]
    # The bind parameters of the filters, all None.
    _unset: ClassVar[Mapping[str, object]]

    def __init_subclass__(cls) -> None:
        cls.filters = {
            **getattr(cls, "filters", {}),
            **{
                name: value.metadata[_METADATA]
                for name, value in vars(cls).items()
                if isinstance(value, Field) and _METADATA in value.metadata
            },
        }
        bound = [name for name, declared in cls.filters.items() if declared.parameter_type is not None]
        cls._unset = dict.fromkeys(bound)

    @property
    def needs_viewer(self) -> bool:
        """Whether the result depends on the viewer because of a filter that is set."""
        return any(
            declared.needs_viewer is not None and declared.needs_viewer(value) for _, declared, value in self._set()
        )

    def variant(self) -> tuple[object, ...]:
        """Return what determines the SQL: the filters that are set, and values that are part of the SQL."""
        return tuple((name, value if declared.parameter_type is None else ...) for name, declared, value in self._set())

    def apply(self, statement: Select[Any], table: FromClause) -> Select[Any]:
        """Add the conditions of the filters that are set."""
        for name, declared, value in self._set():
            type_ = declared.parameter_type
            bound = value if type_ is None else bindparam(name, type_=type_)
            statement = statement.where(declared.condition(table, bound))
        return statement

    def parameters(self) -> dict[str, object]:
        """Return the values of all bind parameters, None for filters that are not set. Raises BadUserInput."""
        return {
            **self._unset,
            **{
                name: declared.to_parameter(camel_case(name), value)
                for name, declared, value in self._set()
                if declared.parameter_type is not None
            },
        }

    def _set(self) -> list[tuple[str, Filter, Any]]:
        filters = self.filters
        return [
            (name, filters[name], value) for name, value in vars(self).items() if value is not None and name in filters
        ]

    @classmethod
    def list_tags(cls, name: str) -> TagFactory:
        """Return the factory of the list's cache tags."""
        return tags_of_list(name, next(field for field, declared in cls.filters.items() if declared.is_level))

    @classmethod
    def viewer_fields(cls) -> tuple[str, ...]:
        """Return the names of the filters whose results depend on the viewer and are not cached for everyone."""
        return tuple(name for name, declared in cls.filters.items() if declared.needs_viewer is not None)


FilterT = TypeVar("FilterT", bound=ListFilter)
P = ParamSpec("P")
ResultT = TypeVar("ResultT")


def cache_by_variant(
    build: Callable[Concatenate[FilterT, P], ResultT],
) -> Callable[Concatenate[FilterT, P], ResultT]:
    """Decorate a function that builds a list's queries, to build them once per variant of its filter."""
    built: dict[object, ResultT] = {}

    def get_or_build(filter: FilterT, /, *args: P.args, **kwargs: P.kwargs) -> ResultT:
        key = filter.variant(), args, tuple(sorted(kwargs.items())) if kwargs else ()
        if key not in built:
            built[key] = build(filter, *args, **kwargs)
        return built[key]

    return get_or_build
