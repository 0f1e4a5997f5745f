"""Energy and power from columns of time and power: pure arithmetic, by rules that have names.

`trace` holds the columns, `validity` says whether a window can be judged, `integration` turns power into energy,
`shape` gives percentiles, peaks and ramps, `plateaus` where it stands still; `csv_log` and `ptdaemon` read files and
`summary` puts all together. numpy is imported here: who needs this package imports it late.
"""
