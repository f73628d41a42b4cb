"""The witness's batches over HTTP, by the sending that it really does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from served import served

from survey.database.engine import Database
from survey.witness import handing_over
from tests.witness.two_machines import TwoMachines


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> Iterator[TwoMachines]:
    """A round with a witness, in which two phones have posted."""
    found = TwoMachines(sqlite_database, folder=tmp_path / "there").collecting()
    for _ in range(2):
        found.phone().answer()
    handing_over.gather(found.witness.store, found.witness.round.id, everything=True)
    yield found
    found.witness.store.close()


def test_the_site_takes_what_the_witness_sends(place: TwoMachines, tmp_path: Path) -> None:
    place.database.close()
    store, round = place.witness.store, place.witness.round
    with served(place.database.url, tmp_path) as site:
        box = f"http://127.0.0.1:{site.port}"
        for _ in range(2):
            sent = handing_over.hand_over(
                store, round.id, send=lambda r, batch: handing_over.send_batch(replace(r, box=box), batch)
            )
            assert sent in ((2, 0), (0, 0))
    assert place.witness.now().handed_over == 2


def test_what_is_no_batch_is_refused_in_words(place: TwoMachines, visitor: FlaskClient) -> None:
    refused = visitor.post(f"/s/{place.slug}/batch", json={"number": 1})
    assert (refused.status_code, refused.json["error"]) == (400, "malformed")
    form = visitor.post(f"/s/{place.slug}/batch", data={"number": 1})
    assert form.status_code == 400
    long = visitor.post(
        f"/s/{place.slug}/batch", data=b" " * (256 * 1024 + 1), content_type="application/json"
    )
    assert (long.status_code, long.json["error"]) == (400, "malformed")
    assert "256 KB" in long.json["message"]
    nowhere = visitor.post("/s/no-such-round/batch", json={"number": 1})
    assert nowhere.status_code == 400  # read before it is looked up
