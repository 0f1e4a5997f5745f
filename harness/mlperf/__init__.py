"""Power logs of MLPerf submissions: the official metric and every anomaly, from what lies in a folder.

`folders` finds submissions, `training` and `inference` compute their metrics, `session`, `ptd_session` and `ptd_log`
check how an inference measurement was taken. The rules are those of mlcommons/power-dev, mlcommons/inference
(tools/submission) and mlcommons/logging (result_summarizer), restated here as far as they were read there.
"""
