"""The clinic's web side: a page and an API over one engine. Knows no TensorFlow.

gunicorn -c python:dermdistill.production      # a process a core
dermdistill serve                              # one process, everywhere
"""

from dermdistill.web.app import create_app

__all__ = ["create_app"]
