"""Passages to a judgement: which sentences answer a question, and how likely any does.

Both were learnt by ``tools/judge`` from public questions whose answers are known; ``weights.json``
says from which, when, and how well it does.
"""

from assistant.answer.judge.judgement import Judgement, RankedSentence, judge
from assistant.models.answer import Certainty

__all__ = ["Certainty", "Judgement", "RankedSentence", "judge"]
