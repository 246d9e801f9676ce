"""Kill -9 of servers, issuing and sending processes, many times over: ``make soak``.

``run.py`` is the judge and the killer, ``office.py`` what is killed and asked; ``desk.py`` kills
the server under officers at work. The suite runs both shortened.
"""
