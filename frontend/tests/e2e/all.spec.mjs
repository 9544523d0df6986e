// One process, for all of it shares the one session.

import './finding.mjs'
import './inbox.mjs'
import './insights.mjs'
import './keys.mjs'
import './settings.mjs'
import './sorting.mjs'
import './within.mjs'
import './forgetting.mjs'
