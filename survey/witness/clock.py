"""The clock in the server: once a day, at the hour that was set, what waits is handed over."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from survey.clock import COUNTY
from survey.errors import PingyiError
from survey.witness import handing_over
from survey.witness.rounds import WitnessRound, all_rounds
from survey.witness.status import compare_lists
from survey.witness.store import Store

log = logging.getLogger("pingyi.witness")

EVERY_SECONDS = 300.0


class HandingOverClock(threading.Thread):
    """Looks every few minutes; sends again what the box did not acknowledge."""

    def __init__(self, store: Store, at: str) -> None:
        """`at`: HH:MM of the county."""
        super().__init__(name="pingyi-witness-clock", daemon=True)
        self._store, self._at = store, at
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(EVERY_SECONDS):
            self.turn(datetime.now(COUNTY))

    def stop(self) -> None:
        self._stopped.set()

    def turn(self, moment: datetime) -> None:
        """Hand over what is due at this moment (the county's time), of each round whatever becomes of the
        others; an error is logged and tried again at the next turn."""
        try:
            rounds = all_rounds(self._store)
        except Exception as error:
            log.error("handing over failed: %s", type(error).__name__)  # noqa: TRY400
            return
        for round in rounds:
            self._hand_over(round, moment)

    def _hand_over(self, round: WitnessRound, moment: datetime) -> None:
        try:
            due = round.description is not None and moment.strftime("%H:%M") >= self._at
            due = due and handing_over.note_day(self._store, round.id, moment.date().isoformat())
            if due:
                handing_over.gather(self._store, round.id)
            sent = sum(handing_over.hand_over(self._store, round.id))
            if sent or (due and not round.closed):
                self._compare(round)
        except PingyiError as error:
            log.warning("%s %s", error.say(), error.say_remedy())
        except Exception as error:
            log.error("handing over failed: %s", type(error).__name__)  # noqa: TRY400

    def _compare(self, round: WitnessRound) -> None:
        """Tell of clocks or lists that differ; what was handed over stays so."""
        passed, words = compare_lists(self._store, round)
        if not passed:
            log.warning("%s", words.say())
