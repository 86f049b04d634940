"""The shelf of outputs: each module renders one family of files from the board; one dict lists them all.

A book is a module with `render(context) -> Iterator[Output]`; books never import one another.
"""
