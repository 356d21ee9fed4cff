"""Loaders of exercises and the viewer's attempts."""

from functools import cached_property

from db.queries import exercises
from db.queries.exercises import AttemptRow, ExerciseRow
from domain.ids import BookId, ChapterId, ExerciseAttemptId, ExerciseId
from loaders.base import LoaderGroup, ManyByKey, OneByKey, OwnByKey


class ExerciseLoaders(LoaderGroup):
    @cached_property
    def exercise_by_id(self) -> OneByKey[ExerciseId, ExerciseRow]:
        return self.one(exercises.exercises_by_id)

    @cached_property
    def exercises_by_chapter_id(self) -> ManyByKey[ChapterId, ExerciseRow]:
        return self.many(exercises.exercises_by_chapter_id, "chapter_id")

    @cached_property
    def exercises_by_book_id(self) -> ManyByKey[BookId, ExerciseRow]:
        return self.many(exercises.exercises_by_book_id, "book_id")

    @cached_property
    def attempt_by_id(self) -> OwnByKey[ExerciseAttemptId, AttemptRow]:
        return self.own(exercises.attempts_by_id)

    @cached_property
    def last_attempt_by_exercise_id(self) -> OwnByKey[ExerciseId, AttemptRow]:
        return self.own(exercises.attempts_by_exercise_id, "exercise_id")
