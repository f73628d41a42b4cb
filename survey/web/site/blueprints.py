"""The two desks' blueprints; the modules beside this one hang their views on them."""

from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin")
review = Blueprint("review", __name__, url_prefix="/review")
