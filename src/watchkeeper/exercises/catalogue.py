"""Which behaviours can be injected, and by whom: the table the simulator reads."""

from typing import Final

from watchkeeper.exercises.cases import Injection
from watchkeeper.exercises.cases_crossing import CROSSING
from watchkeeper.exercises.cases_identity import IDENTITY
from watchkeeper.exercises.cases_silence import SILENCE
from watchkeeper.exercises.cases_still import STILL
from watchkeeper.exercises.cases_values import VALUES

INJECTIONS: Final[dict[str, Injection]] = {
    i.behaviour: i for i in (*STILL, *CROSSING, *SILENCE, *VALUES, *IDENTITY)
}
