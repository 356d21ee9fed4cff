"""Where the document of a request comes from: the registry of trusted documents, persisted queries, or the request."""

from itertools import product
from typing import NamedTuple

from common.metrics.instruments import Counter
from common.text import hash_document
from domain.enums import Role
from domain.errors import ClientError, ErrorCode
from domain.trusted_documents import ANONYMOUS, DocumentMode, role_name
from domain.viewer import Viewer
from server.caching.persisted_queries import PersistedQueryNotFound
from server.caching.trusted_documents import TrustedDocument
from server.context import RequestInfo
from server.http.request import GraphQLRequest
from server.observability.error_log import bind_fields

_DOCUMENTS = Counter(
    "shinjp_documents_total",
    "Executed trusted documents, those that only deprecated versions have, and documents sent as text.",
    ("source", "role"),
    known=product(("trusted", "deprecated", "text"), (ANONYMOUS, *map(str, Role))),
)
# Digits of the hash that the log has.
_HASH_DIGITS = 16


class DocumentNotTrusted(ClientError):
    """Clients of this role may send ids of trusted documents only."""

    code = ErrorCode.DOCUMENT_NOT_TRUSTED


class DocumentSource(NamedTuple):
    """`trusted`: None if the request has another document."""

    text: str
    trusted: TrustedDocument | None


async def resolve_document(
    request_info: RequestInfo, parameters: GraphQLRequest, viewer: Viewer | None
) -> DocumentSource:
    """Find the document, without parsing it.

    Raises PersistedQueryNotFound for an unknown id, DocumentNotTrusted, and the errors of persisted queries.
    """
    trusted = _find_trusted(request_info, parameters)
    if trusted is not None:
        return DocumentSource(trusted.text, trusted)
    if parameters.document_id is not None:
        raise PersistedQueryNotFound("PersistedQueryNotFound")
    modes = request_info.state.document_modes
    if not modes.are_off and not request_info.is_internal and modes.of(viewer) is DocumentMode.ONLY:
        raise DocumentNotTrusted("Send the id of a registered document as `documentId` instead of `query`.")
    if "persistedQuery" in parameters.extensions:
        parameters = await request_info.state.persisted_queries.resolve(parameters)
    return DocumentSource(parameters.query, None)


def record_source(request_info: RequestInfo, viewer: Viewer | None, document_id: str | None, text: str) -> None:
    """Count the execution of a trusted document, or of text if the role's mode is AUDIT or PREFER."""
    if document_id is not None:
        bind_fields(document_id=document_id)
        trusted = request_info.state.trusted_documents.get(document_id)
        source = "deprecated" if trusted is not None and trusted.deprecated_since is not None else "trusted"
        _DOCUMENTS[source, role_name(viewer)].add()
        return
    modes = request_info.state.document_modes
    if modes.are_off or request_info.is_internal or (mode := modes.of(viewer)) is DocumentMode.OFF:
        return
    _DOCUMENTS["text", role_name(viewer)].add()
    if mode is DocumentMode.AUDIT:
        bind_fields(untrusted_document=hash_document(text)[:_HASH_DIGITS], client=request_info.client.name)


def is_admitted(request_info: RequestInfo, viewer: Viewer | None, document_id: str | None) -> bool:
    """Whether a response may be served without the document, which an audit logs."""
    if document_id is not None:
        trusted = request_info.state.trusted_documents.get(document_id)
        # Execution tells the client that the document is deprecated.
        return trusted is not None and trusted.deprecated_since is None
    modes = request_info.state.document_modes
    return modes.are_off or modes.of(viewer) in (DocumentMode.OFF, DocumentMode.PREFER)


def _find_trusted(request_info: RequestInfo, parameters: GraphQLRequest) -> TrustedDocument | None:
    id: object = parameters.document_id
    if id is None:
        persisted = parameters.extensions.get("persistedQuery")
        if not isinstance(persisted, dict) or persisted.get("version") != 1:
            return None
        id = persisted.get("sha256Hash")
    trusted = request_info.state.trusted_documents.get(id) if isinstance(id, str) else None
    # A document that is not the one with the id is an error of the persisted query.
    return trusted if trusted is not None and parameters.query in ("", trusted.text) else None
