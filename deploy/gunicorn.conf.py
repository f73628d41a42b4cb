"""Gunicorn for Pingyi: `pingyi migrate && gunicorn -c deploy/gunicorn.conf.py`.

One process with threads on SQLite, which has one writer; on PostgreSQL set `workers` to the number of cores.
No access log, and no time in the error log: either would say when somebody cast a ballot.
"""

from gunicorn.glogging import Logger


class UntimedLogger(Logger):
    """Errors without the time, the address and the request that they happened in."""

    error_fmt = "[%(process)d] [%(levelname)s] %(message)s"

    def exception(self, msg: str, *_args: object, **_kwargs: object) -> None:
        """Gunicorn's own message names the request and its traceback may quote it; neither is kept."""
        super().error(msg.replace("%s", "…"))


wsgi_app = "survey.wsgi:create()"
bind = "127.0.0.1:8000"
workers = 1
worker_class = "gthread"
threads = 16
keepalive = 30
timeout = 120
worker_tmp_dir = "/dev/shm"  # noqa: S108 - the heartbeat's file, emptied by a restart
accesslog = None
errorlog = "-"
loglevel = "error"
logger_class = UntimedLogger
