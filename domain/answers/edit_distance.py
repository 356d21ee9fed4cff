"""Edit distance: how many characters are too many, missing, wrong, or transposed with their neighbour."""


def edit_distance(one: str, other: str, limit: int) -> int:
    """Return the distance (optimal string alignment), or `limit` + 1 if it is larger. O(length · limit)."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    far = limit + 1
    before_last: list[int] = []
    last = [min(column, far) for column in range(len(other) + 1)]
    for row, character in enumerate(one, 1):
        current = [far] * (len(other) + 1)
        if row <= limit:
            current[0] = row
        for column in range(max(1, row - limit), min(len(other), row + limit) + 1):
            distance = min(
                last[column] + 1, current[column - 1] + 1, last[column - 1] + (character != other[column - 1])
            )
            if row > 1 and column > 1 and character == other[column - 2] and one[row - 2] == other[column - 1]:
                distance = min(distance, before_last[column - 2] + 1)
            current[column] = distance
        if min(current) >= far:
            return far
        before_last, last = last, current
    return min(last[-1], far)


def max_typing_errors(length: int) -> int:
    """The number of typing errors after which a word of this length is still recognised."""
    return 0 if length < 4 else 1 if length < 8 else 2
