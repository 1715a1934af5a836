"""A test client for Flask that closes every response, as a server does; an unread one would stay open."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Client(FlaskClient):
    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        return super().open(*arguments, **{"buffered": True} | options)


def with_client(app: Flask) -> Flask:
    """The application, with that test client."""
    app.test_client_class = Client
    return app
