"""A worker process of gunicorn that serves through the front door, as `dermdistill serve` does.

gunicorn keeps the processes: it starts another one for each that dies, and ends them gracefully.
"""

from typing import Any

from uvicorn import Config
from uvicorn_worker import UvicornWorker


class ClinicWorker(UvicornWorker):  # type: ignore[misc]  # gunicorn has no types
    """uvicorn on gunicorn's sockets, with this project's settings."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._notice = {"callback_notify": self.callback_notify, "timeout_notify": self.timeout}

    async def _serve(self) -> None:
        from dermdistill.web.serving.serve import settings_for  # noqa: PLC0415 - in the process that uses it

        settings, self.wsgi = settings_for(self.wsgi)  # type: ignore[has-type]
        self.config = Config(self.wsgi, **settings, **self._notice)
        await super()._serve()
