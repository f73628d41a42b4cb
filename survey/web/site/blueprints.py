"""Blueprints of administrators, reviewers and liaisons, to which modules of their folders add views."""

from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin")
review = Blueprint("review", __name__, url_prefix="/review")
liaison = Blueprint("liaison", __name__, url_prefix="/liaison")
