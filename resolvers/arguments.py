"""Validation of arguments that several fields share."""

from domain.ids import UploadId, to_uuid
from domain.ranges import check_range
from domain.user_errors import UserErrorCode, invalid_input


def validate_days(days: int | None, *, default: int, maximum: int) -> int:
    """The number itself, or the default for null. Raises BadUserInput outside 1..maximum."""
    if days is None:
        return default
    check_range("days", days, 1, maximum)
    return days


def parse_upload_id(value: str, *path: str) -> UploadId:
    """Return the id in the URL of an upload, or its last part. Raises InvalidInput."""
    try:
        return UploadId(to_uuid(value.rpartition("/")[2]))
    except ValueError:
        message = "uploadId is not the URL of an upload, or the last part of it."
        raise invalid_input(UserErrorCode.INVALID, message, *path) from None
