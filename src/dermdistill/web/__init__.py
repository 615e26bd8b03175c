"""The clinic's web side: a page and an API over one engine. Knows no TensorFlow.

gunicorn --threads 12 'dermdistill.web:create_app()'      # or: dermdistill serve

One process: the engine works on all cores from one, and /metrics counts in one. Threads: four for each core,
so that all places for predictions can be taken, and a few more to say so.
"""

from dermdistill.web.app import create_app

__all__ = ["create_app"]
