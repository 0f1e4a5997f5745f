"""MLPerf power submissions, built small, and broken in one place at a time."""
