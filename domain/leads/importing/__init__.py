"""Taking in a file of leads: stored, mapped, read in parallel, staged by COPY, settled by a few set-based statements.

Everything that an import changes is written in one transaction at its end, so that a process that is killed,
a file that turns out to be broken, and somebody who cancels all leave nothing behind, and running it again is
the same as running it once. Only its progress is committed on the way.
"""
