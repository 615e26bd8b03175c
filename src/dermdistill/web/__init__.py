"""The clinic's web side: a page and an API over one engine. Knows no TensorFlow.

gunicorn 'dermdistill.web:create_app()'      # or: dermdistill serve
"""

from dermdistill.web.app import create_app

__all__ = ["create_app"]
