"""Blueprints of administrators and reviewers, to which the modules of both folders add their views."""

from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin")
review = Blueprint("review", __name__, url_prefix="/review")
