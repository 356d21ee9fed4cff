"""The statement that saves fitted parameters' evaluation."""

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from db.core.statement import Command, Row
from db.queries.expressions import NOW, VIEWER_ID
from db.tables.users import scheduling_fits

_VALUES = (*("reviews", "is_kept", "log_loss", "rmse", "previous_log_loss", "previous_rmse", "optimal_retention"),)
_insert = insert(scheduling_fits).values(
    user_id=VIEWER_ID,
    fitted_at=NOW,
    **{name: bindparam(name, type_=scheduling_fits.c[name].type) for name in _VALUES},
)
# Replaces the earlier one. Parameters: those values.
save_fit = Command(
    _insert.on_conflict_do_update(
        index_elements=["user_id"], set_={name: _insert.excluded[name] for name in ("fitted_at", *_VALUES)}
    ),
    Row,
)
