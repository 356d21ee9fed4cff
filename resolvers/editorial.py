"""The root of the queries for editors. The parent of its fields is the editor."""

from domain.viewer import Viewer
from resolvers.context import Info


def editorial(info: Info) -> Viewer | None:
    viewer = info.context.viewer
    return viewer if viewer is not None and viewer.is_editor else None
