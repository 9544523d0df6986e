// One process, for all of it shares the one session.

import './finding.mjs'
import './inbox.mjs'
import './insights.mjs'
import './settings.mjs'
import './whole.mjs'
