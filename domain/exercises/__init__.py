"""Exercises of chapters and books: their prompts and options, their solutions, and how answers are graded."""

from domain.exercises.grading import grade as grade
from domain.exercises.model import MAX_ANSWER_LENGTH as MAX_ANSWER_LENGTH
from domain.exercises.model import MAX_EXERCISES as MAX_EXERCISES
from domain.exercises.model import MAX_OPTIONS as MAX_OPTIONS
from domain.exercises.model import MAX_PROMPTS as MAX_PROMPTS
from domain.exercises.model import Answer as Answer
from domain.exercises.model import Exercise as Exercise
from domain.exercises.model import Prompt as Prompt
from domain.exercises.model import Solution as Solution
from domain.exercises.model import decode_answers as decode_answers
from domain.exercises.model import decode_prompts as decode_prompts
from domain.exercises.model import decode_solutions as decode_solutions
from domain.exercises.model import encode_answers as encode_answers
from domain.exercises.model import encode_options as encode_options
from domain.exercises.model import encode_prompts as encode_prompts
from domain.exercises.model import encode_solutions as encode_solutions
from domain.exercises.submission import Refusal as Refusal
from domain.exercises.submission import SubmittedAttempt as SubmittedAttempt
from domain.exercises.submission import find_refusal as find_refusal
