"""Rules to levels to spells to what the desk has to do. Pure: arrays and plain data in and out.

To read in this order:

* a rule: ``rules`` (with ``level``, ``impact``, ``matrix``);
* an hour judged: ``evaluate`` (with ``rows``, ``taking``, ``return_levels``, ``levels``), then
  ``evidence`` and ``spells``, and ``reconcile`` for what the desk does about it;
* the hours to come: ``forecasts``, ``futures``, ``ahead`` (with ``members``, ``expected``);
* a whole past: ``backtest`` (with ``ahead_past``, ``ahead_quick``, ``episodes``), ``verification``,
  ``scores``, ``skill``, ``report``.
"""
