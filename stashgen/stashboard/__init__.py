"""Answers to Stashboard's clients that files alone cannot give, read from the files of a site.

A question goes in and a reply comes out, as values: any program that serves a site can ask. What is answered here are
URLs without a suffix, `start` and `end`, `callback`, the feed of some services, and the errors of the API.
"""

from stashgen.stashboard.questions import BuiltSite, Library, Question, Reply
from stashgen.stashboard.replies import reply

__all__ = ["BuiltSite", "Library", "Question", "Reply", "reply"]
