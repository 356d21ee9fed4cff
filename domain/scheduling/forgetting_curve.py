"""The forgetting curve of FSRS-6."""

from collections.abc import Sequence


class ForgettingCurve:
    """The probability of recall by the days since the last review and the stability, with parameters of FSRS-6."""

    def __init__(self, parameters: Sequence[float]) -> None:
        self._decay = -parameters[20]
        # After as many days as the stability, the probability of recall is 90 %.
        self._factor = 0.9 ** (1 / self._decay) - 1

    def recall(self, elapsed: int, stability: float) -> float:
        probability: float = (1 + self._factor * elapsed / stability) ** self._decay
        return probability
