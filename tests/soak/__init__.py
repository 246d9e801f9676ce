"""Kill -9 of issuing and sending processes, many times over: ``make soak``; not part of the suite.

``run.py`` is the judge and the killer, ``office.py`` what is killed and asked.
"""
