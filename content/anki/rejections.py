"""Why a package is rejected."""

from enum import StrEnum

from domain.imports.records import SourceRejectedError


class PackageProblem(StrEnum):
    """NOT_A_PACKAGE: no zip archive, or none with a collection. UNSUPPORTED: valid, but of a kind that is not read.

    CORRUPT: contradicts its format. TOO_LARGE: exceeds a limit. UNSAFE: has something that no package needs and that
    attacks use.
    """

    NOT_A_PACKAGE = "NOT_A_PACKAGE"
    UNSUPPORTED = "UNSUPPORTED"
    CORRUPT = "CORRUPT"
    TOO_LARGE = "TOO_LARGE"
    UNSAFE = "UNSAFE"


class PackageRejected(SourceRejectedError):
    """The package is not imported. The message is a sentence for the learner."""

    def __init__(self, problem: PackageProblem, message: str) -> None:
        super().__init__(message)
        self.problem = problem
