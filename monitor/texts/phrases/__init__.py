"""The wording of the sentences that leave the core as an id with arguments, one file a subject."""

from collections.abc import Mapping

from monitor.core.phrase_ids import PhraseId
from monitor.texts.phrases.accounts import ACCOUNTS
from monitor.texts.phrases.adapters import ADAPTERS
from monitor.texts.phrases.commands import COMMANDS
from monitor.texts.phrases.delivery import DELIVERY
from monitor.texts.phrases.messages import MESSAGES
from monitor.texts.phrases.monitor import MONITOR
from monitor.texts.phrases.pages import PAGES
from monitor.texts.phrases.readiness import READINESS
from monitor.texts.phrases.roster import ROSTER

SENTENCES: Mapping[PhraseId, str] = dict[PhraseId, str](
    (
        *COMMANDS.items(),
        *ACCOUNTS.items(),
        *MESSAGES.items(),
        *ADAPTERS.items(),
        *ROSTER.items(),
        *MONITOR.items(),
        *READINESS.items(),
        *PAGES.items(),
        *DELIVERY.items(),
    )
)
