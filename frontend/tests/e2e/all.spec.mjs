// One process, for all of it shares the one session.

import './backing.mjs'
import './exporting.mjs'
import './finding.mjs'
import './inbox.mjs'
import './insights.mjs'
import './keys.mjs'
import './living.mjs'
import './settings.mjs'
import './sorting.mjs'
import './whole.mjs'
import './within.mjs'
import './forgetting.mjs'
