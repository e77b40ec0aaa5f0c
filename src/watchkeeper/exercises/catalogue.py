"""Which behaviours can be injected, and by whom: the table the simulator reads."""

from typing import Final

from watchkeeper.exercises.cases import Injection
from watchkeeper.exercises.cases_crossing import CROSSING
from watchkeeper.exercises.cases_said import SAID
from watchkeeper.exercises.cases_still import STILL

INJECTIONS: Final[dict[str, Injection]] = {i.behaviour: i for i in (*STILL, *CROSSING, *SAID)}
