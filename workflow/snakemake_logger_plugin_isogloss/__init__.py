"""Snakemake's logger plugin `isogloss`: one line that follows the jobs, instead of several lines for each job.

`logger: isogloss` in a profile selects it. On a terminal, one line is rewritten; elsewhere, a line is printed every
minute. Everything else, above all errors and the logs of failed jobs, is printed as by Snakemake itself. So is
everything of a workflow that gives this handler nothing to follow. The complete log in .snakemake/log is not affected.
"""

import os
import sys
import time
from logging import LogRecord

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

_OF_JOBS = {LogEvent.JOB_INFO, LogEvent.JOB_STARTED, LogEvent.JOB_FINISHED, LogEvent.PROGRESS, LogEvent.GROUP_INFO}
"""Events of jobs that succeed. The line takes their place."""
_OF_SCHEDULER = {"Select jobs to execute...", "Job rate limit reached, waiting for free slots."}
_PAUSE = 60
"""Seconds between two lines if the output is not a terminal."""
_CLEAR = "\r\x1b[K"


class LogHandler(LogHandlerBase):
    """The handler. Snakemake calls `emit` for each record, in a thread of its own, and `close` at the end."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """Create Snakemake's own handler, which prints what is not about jobs that succeed."""
        # Snakemake collects plugins before it has loaded all of its modules.
        from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter, is_quiet_about

        given = self.common_settings
        self._stream = sys.stdout if given.stdout else sys.stderr
        self._usual = ColorizingTextHandler(nocolor=given.nocolor, stream=self._stream)
        self._usual.setFormatter(DefaultFormatter(given.quiet, given.show_failed_logs))
        self._usual.addFilter(
            DefaultFilter(given.quiet, given.debug_dag, given.verbose, given.dryrun, given.printshellcmds)
        )
        self._complete = given.dryrun or given.verbose or given.debug_dag or given.printshellcmds
        self._silent = self._complete or is_quiet_about(given.quiet or (), "progress")
        self._rewrites = self._stream.isatty() and os.environ.get("TERM") != "dumb" and not self._silent
        self._printed, self._shown = time.monotonic(), ""
        self._watch = None

    def follow(self, watch: object) -> None:
        """Follow the jobs of a study. watch: an isogloss.progress.watch.Watch. The workflow calls this."""
        self._watch = None if self.common_settings.dryrun else watch

    def emit(self, record: LogRecord) -> None:
        """Note what a record says of a job, and print the record or the line. Never raises an exception."""
        try:
            self._note(record)
            if self._complete or self._watch is None or not self._is_usual(record):
                self._print(record)
            self._show(record)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Remove the line and note that Snakemake ends."""
        self._rewrite("")
        if self._watch:
            self._watch.end()
        super().close()

    def _note(self, record: LogRecord) -> None:
        event = getattr(record, "event", None)
        if self._watch is None:
            return
        if event == LogEvent.RESOURCES_INFO and hasattr(record, "cores"):
            self._watch.cores = record.cores
        elif event == LogEvent.RUN_INFO and hasattr(record, "stats"):
            self._watch.total = record.stats.get("total", 0)
        elif event == LogEvent.JOB_INFO:
            from isogloss.progress.jobs import Job

            log, results = record.log, tuple(record.output)
            self._watch.start(record.jobid, Job(record.rule_name, dict(record.wildcards), "".join(log[:1]), results))
        elif event == LogEvent.JOB_FINISHED:
            self._watch.finish(record.job_id)
        elif event == LogEvent.JOB_ERROR:
            self._watch.fail(record.jobid)
        elif event == LogEvent.PROGRESS:
            self._watch.count(record.done, record.total)

    def _is_usual(self, record: LogRecord) -> bool:
        return getattr(record, "event", None) in _OF_JOBS or record.getMessage() in _OF_SCHEDULER

    def _print(self, record: LogRecord) -> None:
        if self._usual.filter(record):
            self._rewrite("")
            self._usual.emit(record)

    def _show(self, record: LogRecord) -> None:
        """Rewrite the line on a terminal. Elsewhere, print it if a minute has passed or if this was the last job."""
        if self._silent or self._watch is None:
            return
        line = self._watch.describe()
        if self._rewrites:
            self._rewrite(line)
        elif getattr(record, "event", None) == LogEvent.PROGRESS:
            last = record.done == record.total
            if last or time.monotonic() - self._printed >= _PAUSE:
                self._printed = time.monotonic()
                print(line, file=self._stream, flush=True)

    def _rewrite(self, line: str) -> None:
        """Replace the line at the bottom of the terminal by another one; empty to remove it."""
        if not self._rewrites or line == self._shown:
            return
        width = (os.get_terminal_size(self._stream.fileno()).columns or 80) - 1
        self._stream.write(_CLEAR + (line if len(line) <= width else f"{line[: width - 4]} ..."))
        self._stream.flush()
        self._shown = line
